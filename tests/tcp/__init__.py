"""Tests of the TCP room."""
