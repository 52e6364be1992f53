"""The answer in one or two sentences, from counts, captures and findings: what is wrong, or that nothing is."""

from collections.abc import Collection, Sequence

from dicomsniff.report.gist import action, cause
from dicomsniff.report.health import Health
from dicomsniff.report.scope import Scope
from dicomsniff.report.values import Row
from dicomsniff.report.wording import actor, count, joined, size

_FAILURES = (
    ("failed_associations", "associations", "association"),
    ("faulty_exchanges", "exchanges", "operation"),
    ("failed_connections", "connections", "TCP connection"),
)

# What these tell is how something ended, seldom why: another finding of the same severity speaks before them.
_SYMPTOMS = frozenset({"DS-ASSOC-007", "DS-ASSOC-008", "DS-ASSOC-009", "DS-TCP-005", "DS-STORE-006"})

_NO_PACKETS = (
    "What to try: let tcpdump run longer or with --immediate-mode, end it with Ctrl-C, and look whether interface and "
    "capture filter are the right ones."
)

# Worst first. "blind" and "empty" are not "ok": what was not seen is not healthy.
LEVELS = ("error", "warning", "blind", "empty", "ok")


def verdict_row(
    summary: Row,
    captures: Sequence[Row],
    findings: Sequence[Row],
    *,
    scope: Scope | None = None,
    health: Health | None = None,
    speed_judged: bool = True,
    ports: Collection[int] = (),
) -> Row:
    """`level` is one of LEVELS, `headline` the short answer, `sentences` what a reader needs next, `blind` what the
    capture is known not to show; `cause`, `action` and `actor` are those of the finding that the headline rests on, null
    where there is none. `scope` says how much of what that finding is about failed, `health` what was seen to go well.
    Where no rule judged speed (`speed_judged`), healthy does not mean fast, and the verdict says so.
    `ports`: the only ones that were looked at, if it was not all."""
    level, headline, sentences = _judgement(summary, captures, findings, scope, health or Health(), ports)
    if level == "ok" and not speed_judged:
        sentences.append("How fast it went was not judged.")
    unseen = _blind_spots(summary, captures)
    if unseen:
        sentences.append(
            f"The capture does not show everything: {joined(unseen)}. What it does not show is not judged."
        )
        if level == "ok":
            level, headline = "blind", "Nothing wrong was seen, but the capture is incomplete."
    lead = leading(findings) if findings and findings[0]["severity"] in ("error", "warning") else None
    return {
        "level": level,
        "headline": headline,
        "sentences": sentences,
        "blind": unseen,
        "cause": cause_of(lead) if lead else None,
        "action": action(lead["fix"]) if lead else None,
        "actor": (actor(lead) or None) if lead else None,
    }


def _judgement(
    summary: Row, captures: Sequence[Row], findings: Sequence[Row], scope: Scope | None, health: Health,
    ports: Collection[int],
) -> tuple[str, str, list[str]]:  # fmt: skip
    errors = [finding for finding in findings if finding["severity"] == "error"]
    warnings = [finding for finding in findings if finding["severity"] == "warning"]
    if errors:
        return "error", _failure(summary, errors, scope), _needed(summary, errors, warnings, scope)
    if not summary["packets"] and not summary["connections"]:
        return "empty", "The capture holds no packets.", ["Nothing can be said about the network.", _NO_PACKETS]
    if warnings:
        return "warning", _concern(summary, warnings, health), _needed(summary, warnings)
    if any(summary[failed] for failed, _, _ in _FAILURES):
        return "warning", _in_all(summary), ["No rule that was run says why."]
    if not summary["associations"]:
        if ports:
            there = _no_dicom(summary, captures) if summary["connections"] else _elsewhere(summary)
            return "empty", f"No DICOM association was found on {_ports(ports)}.", [there]
        return "empty", "No DICOM association was found in this capture.", [_no_dicom(summary, captures)]
    seen = health.words
    return (
        "ok",
        f"Nothing is wrong: {seen}." if seen else "Nothing is wrong.",
        [_healthy(summary), *_undecided(summary)],
    )


def _failure(summary: Row, errors: Sequence[Row], scope: Scope | None) -> str:
    """ "3 of 12 transfers from CT01 to PACS failed: PACS refuses …". Where other errors or none tell of the rest, it is said
    for how many the cause was seen."""
    why = cause_of(leading(errors))
    if scope is None:
        return f"{_in_all(summary) or count(len(errors), 'fault was', 'faults were') + ' found.'} {_sentence(why)}"
    if scope.told and scope.told < scope.failed:
        return f"{scope.words} failed; {scope.told:,} of them: {_sentence(why)}"
    return f"{scope.words} failed: {_sentence(why)}" if scope.told else f"{scope.words} failed. {_sentence(why)}"


def _in_all(summary: Row) -> str:
    """ "2 of 3 associations and 1 of 5 operations failed."; empty where nothing that is counted failed."""
    parts = [
        f"the only {noun}" if summary[total] == 1 else f"{summary[failed]:,} of {count(summary[total], noun)}"
        for failed, total, noun in _FAILURES
        if summary[failed]
    ]
    said = joined(parts)
    return f"{said[0].upper()}{said[1:]} failed." if said else ""


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _concern(summary: Row, warnings: Sequence[Row], health: Health) -> str:
    """Warnings alone. An association that ended badly with nothing outstanding is no success either."""
    things = count(len(warnings), "thing needs", "things need")
    well = health.intact or f"{'no operation' if summary['failed_associations'] else 'nothing'} failed"
    first = "" if len(warnings) == 1 else "first, "
    return f"{well[0].upper()}{well[1:]}, but {things} attention: {first}{_sentence(cause_of(leading(warnings)))}"


def _needed(summary: Row, findings: Sequence[Row], milder: Sequence[Row] = (), scope: Scope | None = None) -> list[str]:
    """What to do about the leading finding, who must act, what failed in all, and how many more findings there are."""
    first, others = leading(findings), len(findings) - 1
    sentences = [action(first["fix"])] if first["fix"] else []
    if who := actor(first):
        sentences.append(f"To act: {_sentence(who)}")
    counted = sum(summary[failed] for failed, _, _ in _FAILURES)
    if scope is not None and counted and scope.failed != counted:
        sentences.append(f"In all, {_lower(_in_all(summary))}")
    more = [count(others, f"more {first['severity']}")] if others else []
    if milder:
        more.append(count(len(milder), "warning"))
    if more:
        sentences.append(f"{joined(more)} below.")
    return sentences


def cause_of(finding: Row) -> str:
    """The cause in a clause: the rule's own, else the beginning of its message."""
    return cause(finding["gist"] or finding["message"])


def leading(findings: Sequence[Row]) -> Row:
    """The finding to begin with, of those that are the most severe: the first that tells a cause."""
    worst = [finding for finding in findings if finding["severity"] == findings[0]["severity"]]
    return next((finding for finding in worst if finding["rule"] not in _SYMPTOMS), worst[0])


def _no_dicom(summary: Row, captures: Sequence[Row]) -> str:
    if 2 * summary["unreadable_packets"] > summary["packets"]:
        types = joined([str(kind) for kind in sorted({kind for capture in captures for kind in capture["link_types"]})])
        unread = count(summary["unreadable_packets"], "packet has", "packets have")
        return f"{unread} a link layer (type {types}) that dicomsniff cannot read: capture on another interface."
    if not summary["connections"]:
        return f"{count(summary['packets'], 'packet')}, but not one TCP connection: was the capture made at the right place?"
    held = count(summary["connections"], "TCP connection")
    return f"It holds {held}, none of which carries DICOM that can be read: wrong place, wrong moment, or encrypted."


def _ports(ports: Collection[int]) -> str:
    return f"port{'' if len(ports) == 1 else 's'} {joined([str(port) for port in sorted(ports)])}"


def _elsewhere(summary: Row) -> str:
    """Nothing is known of what was not looked at."""
    return f"{count(summary['packets'], 'packet was', 'packets were')} captured, of other ports or of none: without --port all are looked at."


def _healthy(summary: Row) -> str:
    said = [count(summary["associations"], "association")]
    if summary["exchanges"]:
        said.append(count(summary["exchanges"], "operation"))
    if summary["objects"]:
        said.append(count(summary["objects"], "object") + " sent")
    notes = summary["findings"]["note"]
    return f"{joined(said)}, no error and no warning" + (f"; {count(notes, 'note')} below." if notes else ".")


def _undecided(summary: Row) -> list[str]:
    undecided = summary["inconclusive_checks"]
    return [f"{count(undecided, 'check')} could not tell from this capture."] if undecided else []


def _blind_spots(summary: Row, captures: Sequence[Row]) -> list[str]:
    """What the capture is known not to hold, each as a clause."""
    found = []
    if summary["dropped"]:
        found.append(f"the capturing tool dropped {count(summary['dropped'], 'packet')}")
    if summary["truncated_packets"]:
        found.append(
            f"{count(summary['truncated_packets'], 'packet was', 'packets were')} cut short by the snap length"
        )
    if summary["lost_bytes"]:
        found.append(f"{size(summary['lost_bytes'])} of the streams are missing")
    if any(capture["cut"] for capture in captures):
        found.append("the file ends in the middle of a packet")
    blind = summary["blind_associations"]
    if blind:
        found.append(f"{count(blind, 'association was', 'associations were')} not seen whole")
    return found


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else text + "."
