"""Rules on speed: where the time of long associations went, and whose it was."""

from typing import Any

from dicomsniff.rules.performance import (
    costly_loss,
    costly_round_trips,
    delayed_acknowledgement,
    narrow_line,
    single_object_associations,
    slow_client,
    slow_server,
    small_pdus,
    small_window,
    stalled_receiver,
    stalled_sender,
    waiting_retrieve,
)
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    slow_server.RULE,
    slow_client.RULE,
    small_window.RULE,
    stalled_receiver.RULE,
    costly_loss.RULE,
    costly_round_trips.RULE,
    delayed_acknowledgement.RULE,
    small_pdus.RULE,
    single_object_associations.RULE,
    narrow_line.RULE,
    stalled_sender.RULE,
    waiting_retrieve.RULE,
)
