"""What happened in each real capture, and what its user must be told: by which rule, how badly, in which words, who acts.

Errors and warnings that are not listed here must not be there: each would send somebody looking in vain.
"""

import io
from dataclasses import dataclass, field

import pytest

from dicomsniff.association.values import ExchangeOutcome, Outcome
from dicomsniff.report import write_json
from dicomsniff.report.html import write_html
from dicomsniff.rules.finding import Severity, Side
from tests.captures import real

pytestmark = real.here
ALARMS = (Severity.ERROR, Severity.WARNING)
REQUESTOR, ACCEPTOR, NETWORK = Side.REQUESTOR, Side.ACCEPTOR, Side.NETWORK


@dataclass(frozen=True)
class Told:
    """One thing to be told, alone or as a consequence: the rule, every word that must be in the message, who acts."""

    rule: str
    severity: str
    words: tuple[str, ...]
    act: Side | None = None


@dataclass(frozen=True)
class Case:
    """A capture, what must be told of it, and which rules may add an alarm about the same fault."""

    name: str
    told: tuple[Told, ...] = ()
    also: frozenset[str] = field(default_factory=frozenset)


def case(name: str, *told: Told, also: str = "") -> Case:
    return Case(name, told, frozenset(also.split()))


CASES = (
    *(case(name) for name in real.HEALTHY if name not in ("store_series", "workflow_mwl_mpps_commit")),
    case("store_series", Told("DS-ASSOC-018", "note", ("ACME1", "128 contexts", "uses 6"), REQUESTOR)),
    case(
        "workflow_mwl_mpps_commit",
        Told("DS-MWL-004", "note", ("MPPS start", "accepted by PYPACS (10.77.0.2:104)", "(0040,0270)"), REQUESTOR),
        Told("DS-PC-010", "note", ("commitment result", "not confirmed", "MODALITY", "all the same")),
    ),
    case(
        "reject_called_ae",
        Told("DS-ASSOC-001", "error", ("'ANY-SCP'", "'ECHOSCU'", "accepted 'ACME_STORE'", "permanent", "1/1/7"), REQUESTOR),
        Told("DS-ASSOC-001", "error", ("'ACME_STORE'", "calling AE", "accepted", "'ACME1'", "1/1/7")),
    ),
    case(
        "sc_not_supported",
        Told("DS-PC-001", "error", ("none of the 2", "abstract-syntax-not-supported", "Secondary Capture", "right service and port"), ACCEPTOR),
        Told("DS-PC-002", "error", ("does not support Secondary Capture Image Storage", "'RZDCX'"), ACCEPTOR),
        also="DS-TCP-005",
    ),
    case(
        "store_warning_b000",
        Told("DS-STORE-003", "warning", ("stored 1 object", "0xB000", "Coercion", "'set InstanceNumber to 0'")),
    ),
    case(
        "jpeg_not_accepted",
        Told("DS-PC-003", "", ("CT Image Storage", "JPEG Lossless", "refused", "'ACME1'", "aborted", "accepts the syntax"), ACCEPTOR),
        Told("DS-ASSOC-007", "error", ("ACME1", "aborted", "128 of 128"), REQUESTOR),
        Told("DS-ASSOC-007", "error", ("ACME1", "aborted", "1 of 2"), ACCEPTOR),
    ),
    case(
        "query_retrieve",
        Told("DS-RET-001", "error", ("'NOWHERE'", "0xA801", "'ACME1'"), ACCEPTOR),
        Told("DS-DIMSE-008", "error", ("'ACME2'", "0xA702", "3 failed", "10.77.0.1:5678", "refused"), None),
        Told("DS-TCP-001", "error", ("10.77.0.2 could not open TCP port 5678 on 10.77.0.1", "refused")),
        Told("DS-RET-002", "error", ("ACME_STORE (10.77.0.2:11112)", "'ACME2'", "10.77.0.1:5678", "is refused", "ACME1 (10.77.0.1)", "address and time alone")),
        Told("DS-RET-006", "error", ("0 of 3 objects", "3 failed", "0xA702")),
    ),
    case("slow_server", Told("DS-PERF-001", "warning", ("PYPACS (10.77.0.2:104)", "1.5 s to answer a C-STORE", "The network and", "are not the cause"), ACCEPTOR)),
    case("slow_nagle", Told("DS-PERF-007", "warning", ("STORESCP", "in pieces", "delayed acknowledgement", "Bandwidth is not the cause"), ACCEPTOR)),
    case(
        "lossy_network",
        Told("DS-TCP-006", "warning", ("3.9 %", "10.77.0.1 to 10.77.0.2", "43 of 1114", "capture point"), NETWORK),
        Told("DS-PERF-005", "warning", ("Recovery from lost packets",), NETWORK),
    ),
    case("slow_link", Told("DS-PERF-010", "note", ("1.9 Mbit/s", "was the limit", "neither side waited"), NETWORK)),
    case("slow_client", Told("DS-PERF-002", "warning", ("PYSCU", "paused 1.2 s", "3 C-STOREs", "waited for it"), REQUESTOR)),
    case("association_per_image", Told("DS-PERF-009", "warning", ("12 associations", "12 objects of study", "setting up"), REQUESTOR)),
    case(
        "abort_by_scp",
        Told("DS-ASSOC-008", "error", ("PYPACS", "aborted", "C-STORE 2", "CT Image Storage"), ACCEPTOR),
        Told("DS-STORE-006", "error", ("1 of 2 objects", "never answered", "DS-ASSOC-008"), ACCEPTOR),
        also="DS-DIMSE-001",
    ),
    case("abort_by_scu", Told("DS-ASSOC-008", "error", ("PYSCU", "aborted", "C-STORE 1"), REQUESTOR)),
    case(
        "scp_dies",
        Told("DS-TCP-005", "error", ("PYPACS", "cut the association", "C-STORE 2", "CT Image Storage"), ACCEPTOR),
        Told("DS-STORE-006", "error", ("1 of 2 objects", "DS-TCP-005"), ACCEPTOR),
        also="DS-DIMSE-001",
    ),
    case("no_release", Told("DS-TCP-005", "warning", ("PYSCU", "without A-RELEASE"), REQUESTOR)),
    case(
        "refused_and_silent",
        Told("DS-TCP-001", "error", ("10.77.0.1 could not open TCP port 104 on 10.77.0.2", "refused")),
        Told("DS-TCP-002", "error", ("10.77.0.1 got no answer from 10.77.0.9:104", "4 SYNs")),
        Told("DS-ASSOC-006", "error", ("PYPACS (10.77.0.2:105)", "did not answer", "gave up"), ACCEPTOR),
    ),
    case(
        "refused_and_silent/capture_client",
        Told("DS-TCP-002", "error", ("10.77.0.1 got no answer from 10.77.0.9:104", "4 SYNs")),
        Told("DS-ASSOC-006", "error", ("PYPACS (10.77.0.2:105)", "did not answer", "gave up"), ACCEPTOR),
    ),
    case("huge_association_request", Told("DS-ASSOC-018", "warning", ("oversized request", "PYSCU", "128 contexts", "small receivers"), REQUESTOR)),
    case("user_identity", Told("DS-SEC-002", "warning", ("jdoe", "passcode", "in clear", "PYPACS"))),
    case(
        "find_failure_and_cancel",
        Told("DS-FIND-001", "error", ("STUDY", "0xC001", "'database down'"), ACCEPTOR),
    ),
    case(
        "store_failures",
        Told("DS-STORE-001", "error", ("PYPACS (10.77.0.2:104)", "0xA700", "out of resources")),
        Told("DS-STORE-002", "error", ("PYPACS (10.77.0.2:105)", "0xA900", "does not match SOP class")),
        Told("DS-STORE-002", "error", ("PYPACS (10.77.0.2:106)", "0xC000", "cannot understand")),
        Told("DS-STORE-002", "error", ("PYPACS (10.77.0.2:107)", "0x0122", "SOP class not supported", "not permit")),
        Told("DS-STORE-003", "warning", ("PYPACS (10.77.0.2:108)", "0xB007", "does not match the SOP class")),
        Told("DS-STORE-002", "error", ("PYPACS (10.77.0.2:109)", "0x0110", "Processing failure")),
    ),
    case(
        "dcmjs_store",
        Told("DS-ASSOC-002", "error", ("'BADSCU'", "accepted 'JSSCU'", "transient", "2/1/3"), Side.UNKNOWN),
        Told("DS-PC-002", "", ("refused MR Image Storage", "'JSSCU'", "no object of it could be sent"), ACCEPTOR),
    ),
    case(
        "tls",
        Told("DS-SEC-005", "error", ("10.77.0.1 sent unknown_ca (48)", "certificate of 10.77.0.2:2762", "TLS 1.3", "TLS_AES_256_GCM_SHA384"), REQUESTOR),
        Told("DS-TCP-004", "error", ("10.77.0.2:2762", "expects TLS", "ECHOSCU", "clear DICOM"), REQUESTOR),
        also="DS-TCP-005",
    ),
    case("ipv6_any_interface"),
    case(
        "print_film",
        Told("DS-PRN-001", "error", ("N-DELETE", "0x0110", "the film was printed", "clean-up failed"), ACCEPTOR),
        Told("DS-TCP-001", "error", ("10.77.0.2 could not open TCP port 1235 on 10.77.0.1",)),
    ),
    *(case(f"edge/{name}") for name in ("e01_ct", "e06_jpeg", "e07_hdr6", "e08_find_frag", "e10_zero_last", "e13_ooo")),
    *(case(f"edge/{name}") for name in ("e18_values", "e22_tls13_2762", "e34_odd")),
    case("edge/e27_two_assoc", Told("DS-ASSOC-013", "warning", ("SCU", "one TCP connection", "2 associations", "bore with it"), REQUESTOR), Told("DS-SEC-003", "note", ("10.0.0.2:11112", "'SCP' and 'SCP2'"))),
    case("edge/e02_fail", Told("DS-STORE-001", "error", ("0xA700", "'disk full'", "1.2.3.4.5.2"))),
    case("edge/e02b_b000", Told("DS-STORE-003", "warning", ("0xB000", "1.2.3.4.5.2"))),
    case("edge/e16_rqonly", Told("DS-CAP-003", "warning", ("Only 10.0.0.1 -> 10.0.0.2 was captured",), Side.CAPTURE)),
    case(
        "edge/e24b_use_rejected",
        Told("DS-PC-007", "error", ("SCU", "C-STORE", "context 1", "refused"), REQUESTOR),
        Told("DS-PC-001", "error", ("the only proposed context", "CT Image Storage")),
        also="DS-PC-002 DS-ASSOC-009 DS-STORE-006",
    ),
    case(
        "edge/e35_rst",
        Told("DS-TCP-005", "error", ("SCP", "RST", "in the middle of C-STORE 1", "1500"), ACCEPTOR),
        Told("DS-STORE-006", "error", ("0 of 1 object", "1.2.3.4.5.1", "1500 bytes"), ACCEPTOR),
    ),
)  # fmt: skip
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each_case
def test_what_happened_is_told(case: Case) -> None:
    left = list(real.flat(real.analysis(case.name).findings))
    for told in case.told:
        fitting = [
            finding
            for finding in left
            if finding.rule == told.rule
            and told.severity in ("", finding.severity)
            and all(word in finding.message for word in told.words)
            and told.act in (None, finding.act)
        ]
        assert fitting, f"{told} is not among {[(f.rule, f.severity, f.act, f.message) for f in left]}"
        left.remove(fitting[0])


@each_case
def test_nothing_that_did_not_happen_is_an_error_or_a_warning(case: Case) -> None:
    wanted = [told.rule for told in case.told]
    for finding in real.flat(real.analysis(case.name).findings):
        if finding.severity not in ALARMS or finding.rule in case.also:
            continue
        assert finding.rule in wanted, finding.message
        wanted.remove(finding.rule)


@each_case
def test_every_finding_names_packets_of_its_capture_and_what_to_do(case: Case) -> None:
    analysis = real.analysis(case.name)
    last = analysis.captures[0].packets
    for finding in real.flat(analysis.findings):
        assert finding.packets and all(1 <= packet <= last for packet in finding.packets)
        assert finding.display_filter and finding.causes and finding.fix and finding.references


@each_case
def test_no_rule_breaks_on_it(case: Case) -> None:
    assert [check for check in real.analysis(case.name).checks if check.verdict == "error"] == []


def test_every_capture_is_judged() -> None:
    judged = {case.name if "/" in case.name else f"{case.name}/capture" for case in CASES}
    assert set(real.names()) <= judged


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("echo_ok", ["released"]),
        ("reject_called_ae", ["rejected", "rejected", "released"]),
        ("sc_not_supported", ["closed"]),
        ("jpeg_not_accepted", ["aborted", "aborted"]),
        ("query_retrieve", ["released"] * 8),
        ("abort_by_scp", ["aborted"]),
        ("abort_by_scu", ["aborted"]),
        ("scp_dies", ["closed"]),
        ("no_release", ["closed"]),
        ("refused_and_silent", ["unanswered"]),
        ("find_failure_and_cancel", ["released", "released"]),
        ("dcmjs_store", ["released", "rejected"]),
        ("tls", ["unanswered"]),
        ("edge/e16_rqonly", ["released"]),
        ("edge/e24b_use_rejected", ["aborted"]),
        ("edge/e27_two_assoc", ["released", "released"]),
        ("edge/e35_rst", ["closed"]),
    ],
)
def test_associations_end_as_they_did(name: str, outcomes: list[str]) -> None:
    assert [association.outcome for association in real.analysis(name).associations] == [Outcome(o) for o in outcomes]


def test_a_cancelled_query_is_cancelled_and_keeps_its_matches() -> None:
    failed, cancelled = real.analysis("find_failure_and_cancel").exchanges
    assert (failed.outcome, failed.error_comment) == (ExchangeOutcome.FAILED, "database down")
    assert (cancelled.outcome, cancelled.status) == (ExchangeOutcome.CANCELLED, 0xFE00)
    assert cancelled.cancel is not None and cancelled.pending == len(cancelled.answers) == 3


def test_the_stores_of_a_c_get_are_its_sub_operations() -> None:
    analysis = real.analysis("query_retrieve")
    [get] = [e for e in analysis.exchanges if e.service == "C-GET"]
    stores = [analysis.traffic.exchange(id) for id in get.children]
    assert [(s.service, s.requested_by, s.parent) for s in stores] == [("C-STORE", "acceptor", get.id)] * 3
    assert get.suboperations is not None and get.suboperations.completed == 3


def test_the_stores_of_a_c_move_are_its_sub_operations_on_another_association() -> None:
    analysis = real.analysis("query_retrieve")
    worked, unknown, unreached = (e for e in analysis.exchanges if e.service == "C-MOVE")
    stores = [analysis.traffic.exchange(id) for id in worked.children]
    assert [(s.service, s.association, s.parent) for s in stores] == [("C-STORE", 5, worked.id)] * 3
    assert worked.association == 4 and not unknown.children and not unreached.children


def test_connections_that_never_were_are_told_apart() -> None:
    opened = [c.tcp.opened for c in real.analysis("refused_and_silent").connections]
    assert opened == ["refused", "unanswered", "handshake"]


def test_a_passcode_is_nowhere_in_the_report_and_the_user_only_where_asked() -> None:
    analysis = real.analysis("user_identity")
    texts = []
    for redact in (True, False):
        stream = io.StringIO()
        write_json(analysis.report(redact), stream)
        texts.append(stream.getvalue())
    masked, open_ = texts
    assert "jdoe" not in masked and "jdoe" in open_
    sent = real.capture("user_identity").read_bytes()
    passcode = sent[sent.index(b"jdoe") + 6 :][:7].decode()
    assert passcode.isprintable() and passcode not in open_


def test_the_page_counts_an_operation_that_was_never_answered_as_failed() -> None:
    page = io.StringIO()
    write_html(real.analysis("scp_dies").report(), page)
    assert "<dt>Operations</dt><dd>2<span>1 failed" in page.getvalue()
