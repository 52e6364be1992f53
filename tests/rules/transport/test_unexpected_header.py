"""DICOM behind a header of the PROXY protocol: read as without, and told where the server did not expect it or missed it."""

from pathlib import Path

import pytest

from dicomsniff.api import Analysis, analyze
from dicomsniff.association.values import Kind, Outcome
from dicomsniff.core import Endpoint
from dicomsniff.report.wording import passed_on
from dicomsniff.rules.finding import Finding, Side
from tests.captures import real
from tests.captures.test_field_conditions import payload_hashes
from tests.forge import pdus
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.field import merged, relayed, sealed, with_header
from tests.forge.wire import BACK, OUT, Frame, Wire, write_pcap
from tests.pdu.test_preamble import CLIENT, FRONT, HEADERS, LINE, SSL, binary

CT = "1.2.840.10008.5.1.4.1.1.2"
PROPOSALS = ((pdus.VERIFICATION, (pdus.IMPLICIT_LITTLE,), 0), (CT, (pdus.IMPLICIT_LITTLE,), 0))
IMAGE = data_set(SOPClassUID=CT, SOPInstanceUID="1.2.3", ImageComments="text" * 9_000)
BALANCER, SERVER = ("10.0.0.5", 40000), ("10.0.0.2", 104)
HEADER = binary(CLIENT, FRONT)


def _begun(
    header: bytes, port: int = 40000, start_s: float = 0, host: str = BALANCER[0], title: str = "CT1"
) -> Dialogue:
    """A connection of the load balancer, with this header on it, and an association to be asked for."""
    wire = Wire((host, port), SERVER, start_ns=1_700_000_000_000_000_000 + int(start_s * 1e9)).connect()
    if header:
        wire.send(OUT, header)
    return Dialogue(wire, title, "PACS", *PROPOSALS)


def _stored(header: bytes, port: int = 40000, start_s: float = 0, host: str = BALANCER[0]) -> list[Frame]:
    dialogue = _begun(header, port, start_s, host).request(connect=False).accept()
    return dialogue.store(CT, "1.2.3", IMAGE, 0).release().wire.frames


def _aborted(header: bytes, port: int = 40000, source: int = 2, start_s: float = 0) -> list[Frame]:
    """The server aborts once it has received the request."""
    return _begun(header, port, start_s).request(connect=False).abort(BACK, source, 1).wire.frames


def _analysis(directory: Path, *captures: list[Frame]) -> Analysis:
    return analyze(write_pcap(directory / "c.pcap", sealed(merged(*captures))))


def _told(analysis: Analysis) -> list[Finding]:
    return [finding for finding in real.flat(analysis.findings) if finding.rule == "DS-TCP-004"]


@pytest.mark.parametrize("name", HEADERS)
def test_what_stands_behind_a_header_is_read_as_without(tmp_path: Path, name: str) -> None:
    header, source, target = HEADERS[name]
    plain, behind = _analysis(tmp_path, _stored(b"")), _analysis(tmp_path, _stored(header))
    assert list(payload_hashes(behind.traffic)) == list(payload_hashes(plain.traffic)) != []
    assert [a.outcome for a in behind.associations] == [Outcome.RELEASED]
    (conversation,) = behind.connections
    assert conversation.protocols == ("dicom", "dicom")
    assert conversation.preamble is not None
    assert (conversation.preamble.source, conversation.preamble.target) == (source, target)
    assert {f.rule for f in behind.findings} == {f.rule for f in plain.findings}


@pytest.mark.parametrize("cut", [1, 5, 13, 27])
def test_a_header_in_several_segments_is_one(tmp_path: Path, cut: int) -> None:
    wire = Wire(BALANCER, SERVER).connect().send(OUT, HEADER[:cut]).send(OUT, HEADER[cut:])
    dialogue = Dialogue(wire, "CT1", "PACS", *PROPOSALS).request(connect=False).accept()
    analysis = _analysis(tmp_path, dialogue.echo().release().wire.frames)
    assert [a.outcome for a in analysis.associations] == [Outcome.RELEASED]


def test_a_header_may_share_its_segment_with_the_request(tmp_path: Path) -> None:
    wire = Wire(BALANCER, SERVER).connect()
    request = pdus.request()
    wire.send(OUT, LINE + request)
    analysis = _analysis(tmp_path, wire.frames)
    (association,) = analysis.associations
    assert association.request is not None
    assert (association.request.evidence.start, association.request.evidence.end) == (
        len(LINE),
        len(LINE) + len(request),
    )


def test_the_client_stands_in_the_report_and_in_the_log(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, _stored(binary(CLIENT, FRONT, SSL)))
    row = analysis.report().connections[0]["preamble"]
    assert row["source"] == {"ip": CLIENT.ip, "port": CLIENT.port}
    assert row["tls"] == "TLSv1.3"
    analysis.to_html(tmp_path / "r.html")
    assert "passes on what 203.0.113.9:51000 says to 198.51.100.1:104, over TLSv1.3" in passed_on(row)
    page = (tmp_path / "r.html").read_text()
    assert "passes on what 203.0.113.9:51000 says to 198.51.100.1:104, over TLSv1.3" in page


def test_both_sides_of_the_load_balancer_are_one_conversation_seen_twice(tmp_path: Path) -> None:
    front = Wire((CLIENT.ip, CLIENT.port), (FRONT.ip, FRONT.port))
    dialogue = Dialogue(front, "CT1", "PACS", *PROPOSALS).request().accept().echo()
    dialogue.store(CT, "1.2.3", IMAGE, 0).release()
    ends = {(CLIENT.ip, CLIENT.port): (FRONT.ip, 40001), (FRONT.ip, FRONT.port): SERVER}
    behind = relayed(front.frames, ends)
    analysis = _analysis(tmp_path, front.frames, with_header(behind, HEADER))
    assert [(c.id, c.view_of) for c in analysis.connections] == [(1, None), (2, 1)]


def test_an_abort_upon_the_header_alone_is_known_to_be_for_it(tmp_path: Path) -> None:
    wire = _begun(LINE).wire.send(BACK, pdus.abort(2, 1))
    frames = Dialogue(wire, "CT1", "PACS", *PROPOSALS).request(connect=False).wire.close(BACK).frames
    (finding,) = _told(_analysis(tmp_path, frames))
    assert "had received nothing but that header" in finding.message
    assert "the client is 203.0.113.9:51000" in finding.message
    assert "10.0.0.5" in finding.message
    assert finding.act is Side.UNKNOWN


def test_that_the_port_answers_without_a_header_is_said(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, _stored(b"", 50000, host="10.0.0.8"), _aborted(HEADER, start_s=5))
    (finding,) = _told(analysis)
    assert "Without it the same port answers (1 connection here)." in finding.message
    assert finding.act is Side.UNKNOWN
    assert "DS-ASSOC-007" in {child.rule for child in finding.children}


def test_where_nothing_else_shows_it_the_header_may_be_why(tmp_path: Path) -> None:
    (finding,) = _told(_analysis(tmp_path, _aborted(HEADER)))
    assert "It may not expect it" in finding.message
    assert finding.act is Side.UNKNOWN


def test_a_server_that_answers_behind_headers_aborts_for_another_reason(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, _stored(HEADER), _aborted(HEADER, 40001, start_s=5))
    assert _told(analysis) == []


def test_an_abort_of_the_application_is_not_laid_to_the_header(tmp_path: Path) -> None:
    assert _told(_analysis(tmp_path, _aborted(HEADER, source=0))) == []


def test_a_rejection_behind_a_header_is_an_answer(tmp_path: Path) -> None:
    frames = _begun(HEADER).request(connect=False).reject(1, 1, 7).wire.close(OUT).frames
    analysis = _analysis(tmp_path, frames)
    assert _told(analysis) == []
    assert [a.outcome for a in analysis.associations] == [Outcome.REJECTED]


def test_a_request_without_the_header_that_the_port_wants_is_told(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, _stored(HEADER), _aborted(b"", 40001, start_s=5))
    (finding,) = _told(analysis)
    assert "without the header of the PROXY protocol" in finding.message
    assert finding.act is Side.UNKNOWN


@pytest.mark.parametrize("header", [LINE, b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"])
def test_a_question_whether_the_server_is_well_is_no_fault(tmp_path: Path, header: bytes) -> None:
    checks = [_begun(header, 41000 + i, i).wire.close(OUT).frames for i in range(3)]
    for others in ((), (_stored(HEADER, start_s=9),), (_stored(b"", start_s=9),)):
        analysis = _analysis(tmp_path, *checks, *others)
        assert _told(analysis) == []
        assert all(c.kind is Kind.OTHER and c.protocols[0] == "proxy" for c in analysis.connections[:3])


def test_a_server_that_waits_in_vain_behind_a_header_understood_it(tmp_path: Path) -> None:
    for wait_s, told in ((30, 0), (0.1, 1)):
        wire = _begun(HEADER).wire.wait(wait_s).send(BACK, pdus.abort(2, 0)).close(BACK)
        assert len(_told(_analysis(tmp_path, wire.frames))) == told


def test_what_many_clients_say_through_a_load_balancer_is_not_one_who_says_it(tmp_path: Path) -> None:
    frames = []
    for number in range(8):
        header = binary(Endpoint(f"10.9.0.{number}", 51000), FRONT)
        dialogue = _begun(header, 42_000 + number, number * 3, title=f"CT{number}").request(connect=False).accept()
        frames += dialogue.echo().release().wire.frames
    plain = {f.rule for f in _analysis(tmp_path, frames).findings}
    assert "DS-SEC-003" not in plain


def test_one_who_comes_through_two_load_balancers_is_one(tmp_path: Path) -> None:
    first = _begun(HEADER).request(connect=False).accept().echo()
    second = _begun(HEADER, host="10.0.0.6", start_s=0.5).request(connect=False).accept().echo().release()
    first.wire.wait(5)
    frames = merged(first.release().wire.frames, second.wire.frames)
    assert not {"DS-SEC-003", "DS-ASSOC-019"} & {f.rule for f in real.flat(_analysis(tmp_path, frames).findings)}


def test_what_is_cut_short_in_its_header_is_not_dicom(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, _begun(HEADER[:20]).wire.close(OUT).frames)
    assert analysis.connections[0].protocols == ("proxy", "")
    assert analysis.connections[0].preamble is None
