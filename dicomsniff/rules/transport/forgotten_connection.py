"""A connection that had been silent for long no longer passed when somebody used it again.

What it sees
Nothing at all on the connection for half a minute or more; then one side sends, and either a reset answers that cannot be
the peer's (another TTL) or that knows nothing of the connection, or nothing answers however often it is repeated, while
the peer is heard on other connections; or TCP keep-alives get no answer until their sender resets the connection.

Why it matters
The first request after a pause fails, often after a minute of waiting, and works when it is tried again: a fault that
nobody can reproduce.

Likely causes
1. A firewall, NAT or load balancer forgets connections sooner than the pause lasted.
2. The peer was restarted meanwhile.
3. The peer had closed the connection, and its FIN was lost.

Fix
Switch TCP keep-alive on with an interval below the device's time-out, or release associations between jobs, or raise the
time-out of the rule for DICOM on the device.

Could be wrong when
The peer ends idle associations by itself: that shows as an A-ABORT or FIN at the end of its time-out, not when somebody
sends again.

Reference
PS3.8 §9.1.4
RFC 5382 §5
https://github.com/fo-dicom/fo-dicom/issues/960
"""

from collections.abc import Iterable

from dicomsniff.association.values import Conversation, Traffic
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.clock import watched
from dicomsniff.rules.endings import timer
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import SECOND, how_often, seconds
from dicomsniff.rules.rule import DICOM_KINDS, Rule, Thresholds
from dicomsniff.rules.transport.living_hosts import LivingHosts
from dicomsniff.rules.transport.resent_segment import last_talk, unconfirmed
from dicomsniff.tcp.segment_facts import Reset, Silence

_PATIENCE = 3 * SECOND  # nobody gives a connection up after one keep-alive
_AT_ONCE = 2 * SECOND  # a reset later than this is no answer to what was sent


class Awakened(NamedTuple):
    """A connection that ended after its last long silence, and the hosts that were still heard."""

    conversation: Conversation
    silence: Silence
    hosts: LivingHosts


def awakened(traffic: Traffic) -> Iterable[Awakened]:
    silent = [c for c in traffic.conversations if c.tcp.path.silences and c.kind in DICOM_KINDS]
    hosts = LivingHosts(traffic) if silent else None
    return [Awakened(c, c.tcp.path.silences[-1], hosts) for c in silent if hosts]


def check(subject: Awakened, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if (asked := _asked_in_vain(subject)) is not None:
        return _dead(subject._replace(silence=asked), traffic, thresholds)
    conversation, silence, _ = subject
    tcp = conversation.tcp
    if silence.duration_ns < thresholds.idle_min * SECOND or any(c.time_ns <= silence.since_ns for c in tcp.closings):
        return None
    reset = _reset(subject)
    tries = None if reset else unconfirmed(tcp)
    if reset is None and (tries is None or tries.direction is not silence.direction or tries.start != silence.start):
        return None
    if not watched(traffic, silence.since_packet, silence.packet):
        return Inconclusive("the capture does not tell how long the connection was silent")
    if conversation.gaps:
        return Inconclusive("packets of the connection were not captured: it may not have been silent")
    if reset is not None:
        return _hit(
            subject, traffic, _reset_words(reset), {reset.packet}, Side.NETWORK if reset.foreign else Side.UNKNOWN
        )
    back = silence.direction.opposite
    heard_ns = tcp.segments[back].last_ns
    if heard_ns is None or heard_ns >= silence.time_ns or tries is None:
        return None
    other = subject.hosts.elsewhere(conversation, back, silence.time_ns)
    if other is None:
        return Inconclusive(f"{tcp.sender(back).ip} was not heard any more: it may have failed")
    words = (
        f"what {tcp.sender(silence.direction).ip} sent was repeated {how_often(len(tries.tries))} without an answer, while "
        f"{tcp.sender(back).ip} was heard on connection {other}"
    )
    return _hit(subject, traffic, words, {r.packet for r in tries.tries[:8]}, Side.UNKNOWN)


def _asked_in_vain(subject: Awakened) -> Silence | None:
    """The silence that ended with the first of those keep-alives (RFC 9293 §3.8.4) that nobody answered, until their sender
    gave up and reset the connection."""
    tcp = subject.conversation.tcp
    cut = tcp.closings[0] if tcp.closings else None
    heard_ns = None if cut is None else tcp.segments[cut.direction.opposite].last_ns
    if cut is None or cut.kind != "rst" or heard_ns is None:
        return None
    sent = tcp.facts(cut.direction).bytes
    for silence in tcp.path.silences:
        probe = silence.direction is cut.direction and silence.length <= 1 and silence.start < sent
        if probe and heard_ns <= silence.since_ns and cut.time_ns - silence.time_ns >= _PATIENCE:
            return silence
    return None


def _dead(subject: Awakened, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    """Keep-alives without an answer: their sender is not the one who cut the connection."""
    conversation, silence, hosts = subject
    tcp, cut = conversation.tcp, conversation.tcp.closings[0]
    if cut.time_ns - silence.since_ns < thresholds.idle_min * SECOND:
        return None
    if not watched(traffic, silence.since_packet, cut.packet) or conversation.gaps:
        return Inconclusive("the answers to keep-alives may not have been captured")
    asking, asked = tcp.sender(cut.direction).ip, tcp.sender(cut.direction.opposite).ip
    other = hosts.elsewhere(conversation, cut.direction.opposite, silence.time_ns)
    lived = (
        f", though {asked} was heard on connection {other}"
        if other is not None
        else f"; {asked} was not heard any more"
    )
    how = f"the keep-alives of {asking} got no answer for {seconds(cut.time_ns - silence.time_ns)}{lived}; {asking} reset it then"
    hit = _hit(subject, traffic, how, {silence.packet, cut.packet}, Side.UNKNOWN)
    return replace(
        hit,
        fix=f"See whether {asked} was up at that time. If it was, raise the time-out for DICOM connections on the devices in "
        "between, or let keep-alives go at shorter intervals.",
    )


def _reset(subject: Awakened) -> Reset | None:
    """The reset that answered the first packet after the silence, from a box between or from one who knows nothing."""
    silence, tcp = subject.silence, subject.conversation.tcp
    for reset in tcp.path.resets:
        answers = 0 <= reset.time_ns - silence.time_ns <= _AT_ONCE and reset.direction is not silence.direction
        first = not any(c.packet < reset.packet for c in tcp.closings)
        if answers and first and (reset.foreign or reset.bare) and reset.packet > silence.packet:
            return reset
    return None


def _reset_words(reset: Reset) -> str:
    if reset.foreign:
        return (
            f"a reset answered whose TTL ({reset.header.ttl}) is not that of the host's other packets "
            f"({reset.other_ttls[0]}): a device in between sent it"
        )
    return "a reset answered from one who no longer knew the connection"


def _hit(subject: Awakened, traffic: Traffic, how: str, packets: set[int], act: Side) -> Hit:
    conversation, silence, _ = subject
    association, exchange = last_talk(conversation, traffic)
    tcp = conversation.tcp
    round_s = timer(silence.duration_ns)
    return Hit(
        f"After {seconds(silence.duration_ns)} of silence the connection {tcp.initiator.ip} -> {tcp.responder} no longer "
        f"passed: {how}. A stateful device forgot it{'' if act is Side.NETWORK else ', or the peer did'}.",
        packets=tuple(sorted({silence.since_packet, silence.packet, *packets})),
        time_ns=silence.time_ns,
        connection=conversation.id,
        association=association,
        exchange=exchange,
        act=act,
        key=f"{tcp.initiator.ip} {tcp.responder} {act}",
        facts={
            "host": tcp.responder.ip,
            "port": tcp.responder.port,
            "client": tcp.initiator.ip,
            "silence_ms": silence.duration_ns / 1e6,
            "silence_round_s": round_s,
            "silent_since_packet": silence.since_packet,
            "woken_by": tcp.sender(silence.direction).ip,
            "keep_alive": silence.length <= 1,
        },
    )


RULE = Rule(
    id="DS-TCP-009",
    name="idle-connection-dropped",
    severity=Severity.ERROR,
    title="A silent connection was forgotten",
    subjects=awakened,
    check=check,
    page=__doc__ or "",
    absence=True,
    hides=("DS-TCP-005", "DS-TCP-006", "DS-ASSOC-007", "DS-ASSOC-008", "DS-DIMSE-001", "DS-STORE-006"),
)
