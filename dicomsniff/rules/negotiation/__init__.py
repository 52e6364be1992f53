"""Rules on associations: refused, unanswered, aborted, ended out of order, or against the protocol."""

from typing import Any

from dicomsniff.rules.negotiation import (
    aborted_negotiation,
    application_abort,
    full_server,
    idle_timeout,
    malformed_ae,
    malformed_pdu,
    misplaced_ae,
    misspelt_ae,
    overlong_pdu,
    oversized_request,
    protocol_abort,
    protocol_rejection,
    retry_storm,
    second_association,
    shared_ae,
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
    malformed_ae.RULE,
    misspelt_ae.RULE,
    second_association.RULE,
    untimely_release.RULE,
    malformed_pdu.RULE,
    overlong_pdu.RULE,
    retry_storm.RULE,
    oversized_request.RULE,
    shared_ae.RULE,
    misplaced_ae.RULE,
)
