"""A modality aborted while it was given its worklist.

What it sees
A station that aborted the association, or cut the connection, after answers to its worklist query had come: before the
final response, or within two seconds of it, without C-CANCEL and without release. The message counts the answers and says
what is odd about them.

Why it matters
The list on the modality stays empty or old. Mostly one item, which the station cannot read, is enough.

Likely causes
1. A character set, an over-long value or an illegal value in one item.
2. More items than the station can hold.
3. The station did not want to wait for the next answer.
4. The answers came in a transfer syntax that the station did not expect.

Fix
Look at the last answer before the abort; correct that item in the RIS, or limit the worklist to this station.

Could be wrong when
Some stations always abort instead of releasing the association, in success too: where every query of the station in this
capture ends so, or where all answers had come and nothing is odd about them, this is only a remark.

Reference
PS3.4 §K.4.1
PS3.8 §7.3
https://github.com/fo-dicom/fo-dicom/issues/341
https://github.com/fo-dicom/fo-dicom/issues/1785
"""

from dicomsniff.association.index import once
from dicomsniff.association.parties import Party
from dicomsniff.association.values import Association, Blind, Outcome, Traffic
from dicomsniff.association.worklist import WORKLIST, WorklistQuery, worklist_queries
from dicomsniff.rules.clock import milliseconds
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, packets_of
from dicomsniff.rules.leaving import departures, left_by, left_ns
from dicomsniff.rules.naming import SECOND, counted, peer, seconds, side
from dicomsniff.rules.rule import Among, Rule, Thresholds
from dicomsniff.rules.worklist.items import flawed_items

_PATIENCE = 5 * SECOND
_CUT = frozenset({Outcome.ABORTED, Outcome.CLOSED})


def subjects(traffic: Traffic) -> Among[WorklistQuery]:
    """Queries with answers; the last one of an association that its station cut is looked at."""
    last = {query.exchange.association: query for query in worklist_queries(traffic) if query.matches}
    cut = [q for id, q in last.items() if _cut_by_station(traffic.association(id)) and q.exchange.cancel is None]
    return Among(sum(1 for query in worklist_queries(traffic) if query.matches), cut)


def _cut_by_station(association: Association) -> bool:
    released = association.release_request is not None and association.abort is None
    return association.outcome in _CUT and not released and left_by(association) == "requestor"


def check(query: WorklistQuery, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    exchange = query.exchange
    association, last = traffic.association(exchange.association), exchange.last_response
    if last is None or exchange.requested_by != "requestor" or association.exchanges[-1] is not exchange:
        return None
    after_ns = left_ns(association, traffic) - last.last_ns
    if after_ns > (thresholds.worklist_abort_wait * SECOND if exchange.final is not None else _PATIENCE):
        return None  # it had waited for more in vain, or it is another matter
    if association.blind & {Blind.TO_ACCEPTOR, Blind.HOLE_TO_ACCEPTOR}:
        return Inconclusive("a release or a cancel of the station may have passed in a stretch that was not captured")
    odd = _oddities(query, traffic)
    always = _always(traffic).get(query.station, False)
    whole = exchange.final is not None and not odd
    verb = "aborted" if association.abort else "cut the connection"
    when = f"after response {query.matches}" if exchange.final is None else "after the final response"
    told = f": {odd}" if odd else ""
    guess = "it may not have digested that item" if not whole else "all answers had come"
    habit = "; it ends every worklist query of this capture so" if always else ""
    return Hit(
        f"{peer(association, 'requestor')} {verb} {seconds(max(0, after_ns))} {when} "
        f"({counted(query.matches, 'worklist item')}): {guess}{habit}{told}.",
        packets_of(exchange.request, last, *departures(association)),
        last.last_ns,
        Severity.NOTE if always or whole else Severity.ERROR,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side("acceptor") if odd else side("requestor"),
        actor=peer(association, "acceptor" if odd else "requestor"),
        key=f"{query.station}|{association.acceptor}|{always or whole}|{odd}",
        facts={
            "matches": query.matches,
            "final_response": exchange.final is not None,
            "after_ms": milliseconds(max(0, after_ns)),
            "odd": odd,
            "always": always,
            "sop_class": WORKLIST,
            "transfer_syntax": exchange.transfer_syntax,
            "called_ae": association.called_ae,
            "calling_ae": association.calling_ae,
        },
    )


def _oddities(query: WorklistQuery, traffic: Traffic) -> str | None:
    """What is odd about the last item, or about any that lacks something."""
    if query.items and (error := query.items[-1].data.error):
        return f"the last item cannot be read: {error}"
    flawed = next((one for one in flawed_items(traffic) if one.query is query), None)
    if flawed is None:
        return None
    return flawed.odd or f"an item lacks {', '.join(flawed.lacking)}"


@once
def _always(traffic: Traffic) -> dict[Party, bool]:
    """Stations that cut every association on which they queried, and more than one."""
    ends: dict[Party, dict[int, bool]] = {}
    for query in worklist_queries(traffic):
        id = query.exchange.association
        ends.setdefault(query.station, {})[id] = _cut_by_station(traffic.association(id))
    return {station: len(own) > 1 and all(own.values()) for station, own in ends.items()}


RULE = Rule(
    id="DS-MWL-003",
    name="worklist-aborted-by-modality",
    severity=Severity.ERROR,
    title="Worklist aborted by the modality",
    subjects=subjects,
    check=check,
    page=__doc__,
    absence=True,
    hides=("DS-ASSOC-008", "DS-ASSOC-009", "DS-TCP-005", "DS-DIMSE-001"),
)
