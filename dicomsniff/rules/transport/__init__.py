"""Rules on TCP below DICOM: connections that were not made, not DICOM, cut, lossy, forgotten or not closed."""

from typing import Any

from dicomsniff.rules.rule import Rule
from dicomsniff.rules.transport import (
    closed_association,
    empty_connection,
    foreign_protocol,
    forgotten_connection,
    lingering_connection,
    mtu_black_hole,
    refused_connection,
    retransmissions,
    silent_host,
    small_segments,
)

RULES: tuple[Rule[Any], ...] = (
    refused_connection.RULE,
    silent_host.RULE,
    empty_connection.RULE,
    foreign_protocol.RULE,
    closed_association.RULE,
    retransmissions.RULE,
    mtu_black_hole.RULE,
    small_segments.RULE,
    forgotten_connection.RULE,
    lingering_connection.RULE,
)
