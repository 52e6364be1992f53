"""Rules on associations: refused, unanswered, aborted."""

from typing import Any

from dicomsniff.rules.negotiation import (
    aborted_negotiation,
    application_abort,
    full_server,
    misspelt_ae,
    protocol_abort,
    protocol_rejection,
    unanswered_request,
    unexplained_rejection,
    unknown_called_ae,
    unknown_calling_ae,
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
    misspelt_ae.RULE,
)
