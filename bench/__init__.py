"""Measurements: captures made for the purpose, timed beside tshark and cat in the same run."""
