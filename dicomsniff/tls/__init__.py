"""TLS as far as it can be seen without keys: stream bytes in, the handshake of a connection as a value out."""
