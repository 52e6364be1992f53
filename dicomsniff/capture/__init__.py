"""Files, pipes and interfaces in, blocks of packets out; the only room that reads packets."""
