"""Tests of the rules on presentation contexts."""
