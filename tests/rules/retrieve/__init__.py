"""Tests of the rules on retrieval."""
