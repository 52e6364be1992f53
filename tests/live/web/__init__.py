"""The tests of the page that a watch serves."""
