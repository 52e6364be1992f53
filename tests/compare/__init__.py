"""Tests of the comparison of two captures."""
