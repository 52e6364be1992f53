"""Tests of this family: each rule where it fires, where it is quiet, and where it cannot tell."""
