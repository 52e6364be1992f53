"""Tests of the rules: for each, traffic where it fires and traffic where it is quiet."""
