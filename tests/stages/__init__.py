"""Tests of what leaves each room."""
