"""PDVs in, DIMSE messages out (PS3.7): command sets, fragments to messages, status per service, bounded data sets."""
