"""Tests of the rules on DIMSE operations."""
