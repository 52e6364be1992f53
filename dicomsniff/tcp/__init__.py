"""Packet columns in, ordered stream bytes out: link, IP and TCP decoding, connections, order, loss and timing facts."""
