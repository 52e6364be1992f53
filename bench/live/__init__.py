"""Measures of the live analysis: load and a soak, and how soon it tells what the file tells."""
