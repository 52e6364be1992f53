"""Rules on associations: refused, unanswered, aborted, ended out of order, or against the protocol."""

from typing import Any

from dicomsniff.rules.negotiation import (
    aborted_negotiation,
    application_abort,
    full_server,
    idle_timeout,
    malformed_pdu,
    misspelt_ae,
    overlong_pdu,
    protocol_abort,
    protocol_rejection,
    second_association,
    unanswered_request,
    unexplained_rejection,
    unknown_called_ae,
    unknown_calling_ae,
    untimely_release,
)
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    unknown_called_ae.RULE,
    unknown_calling_ae.RULE,
    unexplained_rejection.RULE,
    protocol_rejection.RULE,
    full_server.RULE,
    unanswered_request.RULE,
    aborted_negotiation.RULE,
    application_abort.RULE,
    protocol_abort.RULE,
    idle_timeout.RULE,
    misspelt_ae.RULE,
    second_association.RULE,
    untimely_release.RULE,
    malformed_pdu.RULE,
    overlong_pdu.RULE,
)
