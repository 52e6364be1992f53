"""Two captures compared: the likeliest cause first, silence where nothing differs."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dicomsniff.association.values import Exchange
from dicomsniff.compare.aligning import align_exchanges
from dicomsniff.core import Direction
from tests.association.dialogue import Dialogue
from tests.captures import real
from tests.compare.comparing import compared, telling
from tests.compare.spoken import EXPLICIT, FIND, explicit, find, identifier, talk
from tests.forge import messages

JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"


@real.here
def test_first_it_is_said_that_the_acceptor_does_not_take_jpeg_lossless() -> None:
    found = compared(real.capture("jpeg_accepted"), real.capture("jpeg_not_accepted"))
    first = found.differences[0]
    assert first.sentence.startswith("in BAD the acceptor does not take JPEG Lossless (1.2.840.10008.1.2.4.70)")
    assert (first.area, first.bad_association, first.bad_packets) == ("negotiation", 2, (31, 33))
    turned = compared(real.capture("jpeg_not_accepted"), real.capture("jpeg_accepted"))
    assert turned.differences[0].sentence.startswith("in GOOD the acceptor does not take JPEG Lossless")


@pytest.mark.parametrize("name", [pytest.param(name, marks=real.here) for name in real.names() or ["none"]])
def test_a_capture_does_not_differ_from_itself(name: str) -> None:
    found = compared(real.capture(name), real.capture(name))
    assert found.equal and not found.differences
    assert all(good == bad for good, bad in found.pairs)


def test_two_runs_of_the_same_differ_in_noise_alone(tmp_path: Path) -> None:
    """The same echo at another time, from another port, with another message ID."""
    runs = [
        talk(tmp_path / f"{n}.pcap", partial(Dialogue.echo, message_id=n), port=40000 + n, start=n * 10**12,
             abstract=messages.VERIFICATION)
        for n in (1, 7)
    ]  # fmt: skip
    found = compared(*runs)
    assert found.equal and {one.area for one in found.differences} == {"address", "command"}


@real.here
def test_a_wrong_title_is_told_before_the_rejection_that_it_caused() -> None:
    path = real.capture("reject_called_ae")
    found = telling(compared(path, path, numbers=(3, 1)))
    assert found[0].sentence == "the called AE title is 'ACME_STORE' in GOOD, 'ANY-SCP' in BAD"
    assert any("called-AE-title-not-recognized" in one.sentence and one.area == "ending" for one in found[1:3])


def two_queries(tmp_path: Path, good: bytes, bad: bytes, masked: bool = False, **answers: int) -> list[str]:
    paths = [
        talk(tmp_path / "good.pcap", find(good), abstract=FIND, port=40001),
        talk(tmp_path / "bad.pcap", find(bad, 9, **answers), abstract=FIND, port=40002, start=10**11),
    ]
    return [one.sentence for one in telling(compared(*paths, masked=masked))]


@pytest.mark.parametrize("good, bad", [(b"SMITH", b"SMITH "), (b"SMITH ", b"SMITH"), (b"DOE^JO", b"DOE^JO  ")])
@pytest.mark.parametrize("masked", [True, False])
def test_a_trailing_space_is_named(tmp_path: Path, good: bytes, bad: bytes, masked: bool) -> None:
    names = [explicit(0x00080052, b"CS", b"STUDY ") + explicit(0x00100010, b"PN", name) for name in (good, bad)]
    [said] = two_queries(tmp_path, names[0], names[1], masked=masked)
    assert "PatientName (0010,0010)" in said and "trailing space" in said
    assert ("SMITH" in said or "DOE" in said) is not masked


def test_a_nul_for_a_space_is_named(tmp_path: Path) -> None:
    [said] = two_queries(tmp_path, explicit(0x00100020, b"LO", b"471\0"), explicit(0x00100020, b"LO", b"471 "))
    assert "with a trailing NUL in GOOD and with a trailing space in BAD" in said


def test_keys_values_and_representations_are_compared(tmp_path: Path) -> None:
    good = identifier(QueryRetrieveLevel="STUDY", PatientID="1", StudyDate="20260101", AccessionNumber="")
    bad = identifier(QueryRetrieveLevel="SERIES", PatientID="", StudyDate="20260102", Modality="CT")
    said = two_queries(tmp_path, good, bad)
    assert len(said) == 4
    assert any("QueryRetrieveLevel (0008,0052) is 'STUDY' in GOOD, 'SERIES' in BAD" in one for one in said)
    assert any("PatientID (0010,0020) is empty in BAD; GOOD has '1'" in one for one in said)
    assert any("BAD lacks AccessionNumber (0008,0050)" in one for one in said)
    assert any("GOOD lacks Modality (0008,0060), which BAD has as 'CT'" in one for one in said)


def test_dates_and_made_up_uids_are_noise_but_their_form_is_not(tmp_path: Path) -> None:
    good = identifier(StudyDate="20260101", StudyInstanceUID="1.2.3", StudyTime="1200")
    bad = identifier(StudyDate="20260202", StudyInstanceUID="1.2.4444", StudyTime="12:00")
    [said] = two_queries(tmp_path, good, bad)
    assert "StudyTime" in said


def test_another_representation_is_named(tmp_path: Path) -> None:
    [said] = two_queries(tmp_path, explicit(0x00100020, b"LO", b"4711"), explicit(0x00100020, b"SH", b"4711"))
    assert said.endswith("PatientID (0010,0020) has the VR LO in GOOD, SH in BAD")


def test_matches_and_statuses_are_compared(tmp_path: Path) -> None:
    query = identifier(QueryRetrieveLevel="STUDY", PatientID="1")
    assert any(
        "finds 0 matches in GOOD, 2 matches in BAD" in one for one in two_queries(tmp_path, query, query, matches=2)
    )
    said = two_queries(tmp_path, query, query, status=0xA700)
    assert "is answered 0x0000" in said[0] and "0xA700" in said[0]


def test_what_only_one_side_proposes_is_told(tmp_path: Path) -> None:
    good = talk(tmp_path / "g.pcap", lambda d: d.echo(), transfer=JPEG_LOSSLESS)
    bad = talk(tmp_path / "b.pcap", lambda d: d.echo(), transfer=EXPLICIT)
    said = [one.sentence for one in telling(compared(good, bad))]
    assert any(one.startswith("BAD does not propose JPEG Lossless") for one in said)


def test_a_step_that_is_missing_is_told_with_its_count(tmp_path: Path) -> None:
    def stores(count: int, dialogue: Dialogue) -> None:
        for number in range(count):
            dialogue.store(f"1.2.{number}", identifier(PatientID="1", Modality="CT"))

    good, bad = (
        talk(tmp_path / f"{count}.pcap", partial(stores, count)) for count in (3, 1)
    )  # fmt: skip
    [one] = telling(compared(good, bad))
    assert one.sentence == "GOOD has C-STORE of CT Image Storage (1.2.840.10008.5.1.4.1.1.2) 2 times more than BAD"
    assert (one.area, one.good, one.bad) == ("sequence", "3 × C-STORE", "1 × C-STORE")


@pytest.mark.parametrize("turned", [False, True])
def test_steps_that_come_the_other_way_round_are_told(tmp_path: Path, turned: bool) -> None:
    def one(d: Dialogue) -> Any:
        return d.echo(1).store("1.2.3", identifier(PatientID="1")).echo(9)

    def other(d: Dialogue) -> Any:
        return d.store("1.2.3", identifier(PatientID="1")).echo(1).echo(9)

    paths = [talk(tmp_path / f"{n}.pcap", steps) for n, steps in enumerate((other, one) if turned else (one, other))]
    [said] = telling(compared(*paths))
    words = ["C-ECHO of Verification", "C-STORE of CT Image Storage"]
    first, second = words[::-1] if turned else words
    assert said.area == "sequence" and said.sentence.startswith(first) and f"comes before {second}" in said.sentence
    assert said.sentence.endswith("in GOOD, after it in BAD") and len(said.good_packets) == len(said.bad_packets) == 2
    assert not telling(compared(paths[0], paths[0]))


def test_stored_objects_are_compared_by_structure_and_not_by_value(tmp_path: Path) -> None:
    def storing(**elements: object) -> Callable[[Dialogue], Any]:
        return lambda d: d.store("1.2.3", identifier(PatientName="A^B", **elements))

    good = talk(tmp_path / "g.pcap", storing(PatientID="1", Rows=5, StudyDate=""))
    bad = talk(tmp_path / "b.pcap", storing(PatientID="2", StudyDate="20260101"))
    said = {one.sentence.partition(": ")[2] for one in telling(compared(good, bad))}
    assert said == {
        "BAD lacks Rows (0028,0010), which GOOD has as '5'",
        "StudyDate (0008,0020) is empty in GOOD; BAD has '20260101'",
    }


@real.here
def test_a_slow_server_is_told_and_the_pairs_are_those_of_the_same_classes() -> None:
    found = telling(compared(real.capture("slow_link"), real.capture("slow_server")))
    assert any(one.area == "timing" for one in found)


def test_twenty_thousand_equal_steps_are_aligned_at_once() -> None:
    def exchanges(count: int) -> list[Exchange]:
        return [Exchange(n, 1, 1, Direction.TO_RESPONDER, "C-ECHO", n, "requestor") for n in range(count)]

    pairs = align_exchanges(exchanges(20_000), exchanges(20_001))
    assert len(pairs) == 20_001 and pairs[0][0] is not None and pairs[-1][0] is None


DATA = Path(__file__).parent / "data"
"""DCMTK's echoscu run twice, and its findscu with PatientName=DOE^JO, once with a space behind it, all against dcmqrscp."""


def test_two_real_runs_of_the_same_program_do_not_differ() -> None:
    found = compared(DATA / "echo_one.pcap", DATA / "echo_other.pcap")
    assert found.equal and telling(found) == [] and found.differences


def test_a_trailing_space_that_a_real_program_sent_is_named() -> None:
    [one] = telling(compared(DATA / "find_plain.pcap", DATA / "find_space.pcap"))
    assert one.area == "identifier" and "PatientName (0010,0010) is 'DOE^JO' in both" in one.sentence
    assert "without padding in GOOD and with 2 trailing spaces in BAD" in one.sentence
