"""Rules on what the traffic gives away."""

from typing import Any

from dicomsniff.rules.rule import Rule
from dicomsniff.rules.security import clear_credentials, probing_client, tls_handshake

RULES: tuple[Rule[Any], ...] = (clear_credentials.RULE, probing_client.RULE, tls_handshake.RULE)
