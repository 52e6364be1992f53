"""Small traffic with something of everything, and findings about it, for tests of the report."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dicomsniff.association.values import Exchange, Kind, Outcome, Traffic
from dicomsniff.pdu.values import (
    AsyncWindow,
    CommonExtendedNegotiation,
    ExtendedNegotiation,
    RoleSelection,
    UserIdentityRequest,
    UserIdentityResponse,
    UserInformation,
)
from dicomsniff.report import Report, build_report, summary_lines, write_json
from dicomsniff.rules.finding import Check, Finding, Severity, Side, Verdict
from tests.forge.traffic import CT, IMPLICIT, JPEG_LOSSLESS, MR, STUDY_FIND, STUDY_MOVE, TrafficForge

CHECKS = (
    Check("DS-ASSOC-001", Verdict.FINDING, 1),
    Check("DS-TCP-001", Verdict.CLEAR, 4),
    Check("DS-DIMSE-001", Verdict.INCONCLUSIVE, 2, ("the capture ended while ⟦Doe⟧ waited",)),
    Check("DS-RET-001", Verdict.NOT_APPLICABLE, 0),
)

REQUEST_INFORMATION = UserInformation(
    maximum_length=16384,
    implementation_class_uid="1.2.276.0.1",
    implementation_version="SENDER_1",
    async_window=AsyncWindow(3, 0),
    roles=(RoleSelection(CT, 1, 1),),
    extended=(ExtendedNegotiation(CT, b"\x01\x02"),),
    common_extended=(CommonExtendedNegotiation(0, MR, "1.2.840.10008.4.2", (CT,)),),
    user_identity=UserIdentityRequest(2, True, "mueller", 7, 12),
)
ACCEPT_INFORMATION = UserInformation(
    maximum_length=0, roles=(RoleSelection(CT, 1, 0),), user_identity_response=UserIdentityResponse(4)
)


def finding(message: str = "PACS refused", severity: Severity = Severity.ERROR, **fields: Any) -> Finding:
    """A finding with every text filled in."""
    made: dict[str, Any] = {
        "rule": "DS-ASSOC-001",
        "name": "association-rejected",
        "severity": severity,
        "title": "Association rejected",
        "message": message,
        "connection": 1,
        "association": 1,
        "exchange": None,
        "packets": (4, 6),
        "time_ns": 1_700_000_000_123_456_789,
        "display_filter": "tcp.stream eq 0 and frame.number in {4, 6}",
        "act": Side.REQUESTOR,
        "actor": None,
        "causes": ("title misspelt", "wrong host"),
        "fix": "Correct the title.",
        "references": ("PS3.8 §9.3.4",),
        "facts": {},
    }
    return Finding(**(made | fields))


def healthy_traffic() -> Traffic:
    """One association, two stores, released."""
    forge = TrafficForge()
    association = forge.association()
    forge.exchange(association, "C-STORE", status=0)
    forge.exchange(association, "C-STORE", status=0)
    return forge.traffic()


def rich_traffic() -> Traffic:
    """A rejected, a busy and an aborted association, a refused and an encrypted connection."""
    forge = TrafficForge()
    forge.capture(comments=((0, "taken at the switch"),), dropped=0)
    forge.association(outcome=Outcome.REJECTED, reject=(1, 1, 7), contexts=((CT, (IMPLICIT,), None),))
    busy = forge.association(
        contexts=(
            (CT, (IMPLICIT, JPEG_LOSSLESS), 0, JPEG_LOSSLESS),
            (MR, (IMPLICIT,), 3),
            (STUDY_MOVE, (IMPLICIT,), 0),
        ),
        request_fields={"user_information": REQUEST_INFORMATION},
        accept_fields={"user_information": ACCEPT_INFORMATION},
    )
    move = forge.exchange(
        busy, "C-MOVE", context_id=5, status=0, suboperations=(None, 1, 0, 0), move_destination="DEST", after=0.5
    )
    forge.exchange(busy, "C-STORE", status=0, parent=move, move_originator_ae="CT01", move_originator_message_id=1)
    forge.exchange(busy, "C-STORE", status=0xA700, error_comment="Disk full", status_text="Refused: out of resources")
    aborted = forge.association(
        contexts=((STUDY_FIND, (IMPLICIT,), 0),), outcome=Outcome.ABORTED, aborts=(("acceptor", 2, 1),)
    )
    forge.exchange(aborted, "C-FIND", answers=(b"x", b"y"), status=0)
    forge.exchange(aborted, "C-STORE", sent_bytes=400)
    forge.connection(opened="refused", kind=Kind.EMPTY)
    forge.connection(kind=Kind.TLS)
    return forge.traffic()


def many_exchanges(number: int) -> Traffic:
    """One association with `number` stores, every thousandth failed."""
    forge = TrafficForge()
    association = forge.association()
    forge.exchange(association, "C-STORE", status=0)
    forge.exchange(association, "C-STORE", status=0xA700)
    traffic = forge.traffic()
    good, bad = traffic.exchanges
    exchanges: tuple[Exchange, ...] = tuple(
        replace(bad if identity % 1000 == 0 else good, id=identity) for identity in range(1, number + 1)
    )
    return replace(traffic, exchanges=exchanges, associations=(replace(traffic.associations[0], exchanges=exchanges),))


def report_of(
    traffic: Traffic, findings: Sequence[Finding] = (), checks: Sequence[Check] = CHECKS, redact: bool = True
) -> Report:
    return build_report(traffic, findings, checks, redact=redact, version="1.2.3")


def json_of(report: Report) -> dict[str, Any]:
    stream = io.StringIO()
    write_json(report, stream)
    made: dict[str, Any] = json.loads(stream.getvalue())
    return made


def text_of(report: Report, width: int = 100) -> list[str]:
    return ["".join(segment.text for segment in line) for line in summary_lines(report, width)]
