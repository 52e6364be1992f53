"""The live pipeline."""
