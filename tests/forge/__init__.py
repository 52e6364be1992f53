"""Encoders for tests: traffic that the tool itself never writes."""
