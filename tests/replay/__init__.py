"""Tests of what replays a conversation."""
