"""Stored payloads in, Part 10 files and a manifest out."""
