"""Rules on TCP below DICOM: connections that were not made, not DICOM, or cut."""

from typing import Any

from dicomsniff.rules.rule import Rule
from dicomsniff.rules.transport import closed_association, foreign_protocol, refused_connection, silent_host

RULES: tuple[Rule[Any], ...] = (
    refused_connection.RULE,
    silent_host.RULE,
    foreign_protocol.RULE,
    closed_association.RULE,
)
