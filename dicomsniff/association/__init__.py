"""PDUs and messages in, associations and exchanges out: the facts that rules judge."""
