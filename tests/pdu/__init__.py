"""Tests of the PDU room."""
