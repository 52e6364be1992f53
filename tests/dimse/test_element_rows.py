"""Data sets and command sets as rows."""

from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicomsniff.dimse.element_rows import ROWS, VALUE, ElementRows, Holds, command_rows, payload_rows
from dicomsniff.dimse.payload import PayloadStore
from tests.forge import messages

IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"


def rows_of(data: bytes, syntax: str | None, head: int = 1 << 16, hole: int = 0, complete: bool = True) -> ElementRows:
    with PayloadStore() as store:
        writer = store.writer(head)
        writer.write(data)
        writer.skip(hole)
        return payload_rows(writer.finish(complete), syntax)


def query() -> Dataset:
    made = Dataset()
    made.QueryRetrieveLevel = "STUDY"
    made.PatientName = ""
    step = Dataset()
    step.Modality, step.ScheduledStationAETitle = "CT", "CT01"
    made.ScheduledProcedureStepSequence = Sequence([step, step])
    made.Rows = 512
    made.PixelSpacing = [0.5, 0.5]
    return made


def test_every_element_is_a_row_with_its_value_as_it_was_sent() -> None:
    for syntax in (IMPLICIT, EXPLICIT, BIG):
        data = messages.encode(query(), implicit=syntax == IMPLICIT, little=syntax != BIG)
        found = rows_of(data, syntax)
        assert (found.cut, found.error, found.length) == (None, None, len(data))
        shown = [(r.depth, r.keyword, r.holds, r.text, r.multiplicity) for r in found.rows]
        step = [(1, "Modality", Holds.TEXT, "CT", 1), (1, "ScheduledStationAETitle", Holds.TEXT, "CT01", 1)]
        assert shown == [
            (0, "QueryRetrieveLevel", Holds.TEXT, "STUDY ", 1),
            (0, "PatientName", Holds.TEXT, "", 0),
            (0, "Rows", Holds.NUMBERS, "512", 1),
            (0, "PixelSpacing", Holds.TEXT, "0.5\\0.5 ", 2),
            (0, "ScheduledProcedureStepSequence", Holds.SEQUENCE, None, 2),
            (1, "Item", Holds.ITEM, None, 2),
            *step,
            (1, "Item", Holds.ITEM, None, 2),
            *step,
        ]
        assert found.rows[-1].within == ((0x00400100, 2),)


def test_padding_is_told_before_and_behind_and_nul_is_none() -> None:
    made = Dataset()
    made.add_new(0x00080018, "UI", "1.2.3")
    made.add_new(0x00100010, "PN", " SMITH ")
    found = rows_of(messages.encode(made), IMPLICIT).rows
    assert [row.text for row in found] == ["1.2.3", " SMITH  "]
    assert [row.length for row in found] == [6, 8]


def test_pixel_data_are_named_and_never_shown_and_end_the_rows_without_a_loss() -> None:
    made = Dataset()
    made.Rows = 8
    made.add_new(0x7FE00010, "OW", bytes(100_000))
    found = rows_of(messages.encode(made, implicit=False), EXPLICIT, head=4096)
    assert [(row.keyword, row.holds, row.text, row.length) for row in found.rows] == [
        ("Rows", Holds.NUMBERS, "8", 2),
        ("PixelData", Holds.PIXELS, None, 100_000),
    ]
    assert found.cut is None


def test_rows_say_where_and_why_they_end_early() -> None:
    made = Dataset()
    made.ImageComments, made.StudyComments = "x" * 3000, "y" * 9000
    data = messages.encode(made, implicit=False)
    kept = rows_of(data, EXPLICIT, head=4096)
    assert kept.rows[-1].holds is Holds.UNSEEN
    assert kept.cut == f"only the first 4,096 of its {len(data):,} bytes were kept"
    lost = rows_of(data[:4000], EXPLICIT, hole=50)
    assert lost.cut == "bytes 4,000 to 4,050 of it were not captured"
    assert rows_of(data[:4000], EXPLICIT, complete=False).cut == "it was not sent (or seen) to its end"


def test_long_values_and_many_elements_are_bounded() -> None:
    made = Dataset()
    for number in range(ROWS + 1):
        made.add_new(0x00091000 + number, "LO", "v")
    found = rows_of(messages.encode(made, implicit=False), EXPLICIT)
    assert len(found.rows) == ROWS and found.cut == f"only its first {ROWS:,} elements are shown"
    long = Dataset()
    long.add_new(0x00204000, "LT", "x" * (VALUE + 10))
    [comment] = rows_of(messages.encode(long, implicit=False), EXPLICIT).rows
    assert comment.shortened and len(comment.text or "") == VALUE


def test_bytes_that_are_no_data_set_give_an_error_and_no_made_up_value() -> None:
    found = rows_of(b"\xff" * 64, EXPLICIT)
    assert found.error and not found.rows


def test_a_command_set_is_told_whole_with_what_nobody_defined() -> None:
    text = messages.command_bytes(CommandField=0x8020, MessageIDBeingRespondedTo=7, CommandDataSetType=1, Status=0xFF00)
    found = command_rows(text + messages.element(0x00005555, b"\1\2"))
    assert [(row.keyword, row.text) for row in found.rows] == [
        ("CommandGroupLength", str(len(text) - 12)),
        ("CommandField", "32800"),
        ("MessageIDBeingRespondedTo", "7"),
        ("CommandDataSetType", "1"),
        ("Status", "65280"),
        ("", "01\\02"),
    ]


def test_a_command_element_that_claims_too_much_is_told() -> None:
    found = command_rows(messages.element(0x00000900, b"\0\0", 200))
    assert found.rows[0].holds is Holds.UNSEEN and found.cut == "(0000,0900) claims 200 bytes where 2 are left"


@given(st.binary(max_size=400), st.sampled_from([IMPLICIT, EXPLICIT, BIG, None, "1.2.840.10008.1.2.1.99"]))
def test_no_bytes_raise(data: bytes, syntax: str | None) -> None:
    rows_of(data, syntax)
    command_rows(data)
