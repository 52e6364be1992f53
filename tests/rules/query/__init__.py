"""Tests of the rules on queries."""
