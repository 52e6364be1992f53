"""Tests of the rules on the Storage service."""
