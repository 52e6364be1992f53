"""Every connection and its associations in, the traffic out, with what is known only of all of them together."""

from dicomsniff.association.conversation import number
from dicomsniff.association.joining import join_workflow
from dicomsniff.association.layout import Layout
from dicomsniff.association.retrieval import join_retrievals
from dicomsniff.association.timekeeping import timed
from dicomsniff.association.values import Association, Conversation, Traffic
from dicomsniff.association.views import mark_views
from dicomsniff.capture import CaptureFacts
from dicomsniff.core.records import replace
from dicomsniff.tcp.sighting import Odd

Done = tuple[Conversation, tuple[Association, ...]]


def joined(
    captures: tuple[CaptureFacts, ...],
    odd: Odd,
    copies: int,
    done: list[Done],
    faults: list[tuple[int, str]],
    unlisted: int,
    layout: Layout,
) -> Traffic:
    """The traffic of all connections, with what is known only of all of them together."""
    traffic = join_retrievals(layout.mark(mark_views(number(timed(captures, odd.silences), done))))
    notes = [f"connection {id} could not be analysed, please report this: {what}" for id, what in sorted(faults)]
    if odd.not_decoded:
        notes.append(f"{odd.not_decoded} packets have a link layer that dicomsniff cannot read")
    if odd.contradictory:
        notes.append(
            f"packets whose IP fragments overlap and do not agree, which no ordinary host sends: {odd.contradictory}; the bytes "
            "that came first are shown"
        )
    if copies:
        again = "were captured more than once (mirrored ports, a router, several interfaces, or doubled on their way)"
        notes.append(f"{copies} packets {again} and are counted once")
    if unlisted:
        notes.append(
            f"about {unlisted} more connections without a byte of data (a port scan or a flood of connection attempts) "
            "were counted and are not listed"
        )
    notes += layout.notes(traffic)
    if traffic.captures and notes:
        first, *others = traffic.captures
        told = replace(first, notes=first.notes + tuple(notes), unlisted=unlisted, unreadable=odd.not_decoded)
        traffic = replace(traffic, captures=(told, *others))
    return join_workflow(traffic)
