"""A capture's connections shared out: several processes look at every packet, each follows some of the connections, and their
parts are joined to the very traffic that one process alone would give. `lone` tells where that cannot pay, and loads no more."""
