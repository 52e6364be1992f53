"""Tests of the words that every room shares."""
