"""Rules on what the traffic gives away."""

from typing import Any

from dicomsniff.rules.rule import Rule
from dicomsniff.rules.security import (
    clear_credentials,
    clear_patient_data,
    hostile_value,
    probing_client,
    tls_handshake,
    unchecked_ae,
)

RULES: tuple[Rule[Any], ...] = (
    clear_patient_data.RULE,
    clear_credentials.RULE,
    unchecked_ae.RULE,
    probing_client.RULE,
    tls_handshake.RULE,
    hostile_value.RULE,
)
