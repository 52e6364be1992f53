"""Traffic in, the same traffic with its workflow joined: results to their requests, updates to what they update, studies read."""

from __future__ import annotations

from dicomsniff.association.commitment import commitments
from dicomsniff.association.ledger import studies
from dicomsniff.association.procedure_steps import procedure_steps
from dicomsniff.association.values import Exchange, Traffic


def join_workflow(traffic: Traffic) -> Traffic:
    """Name parents and children of commitments and procedure steps, and read the ledger while the data sets are there."""
    once = traffic.without_views()
    for request in commitments(once).requests:
        for result in request.results:
            _adopt(request.request, result.exchange)
    for step in procedure_steps(once):
        if step.creates:
            created = step.created or step.creates[0]
            for update in step.sets:
                _adopt(created.exchange, update.exchange)
    studies(once)
    return traffic


def _adopt(parent: Exchange, child: Exchange) -> None:
    if child.parent is None:
        child.parent = parent.id
        parent.children.append(child.id)
