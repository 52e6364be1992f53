"""Looking elements up in a data set that was read."""

from dicomsniff.dimse.element import DataSet, Element

NAME = Element(0x00100010, "PN", "PatientName", "Doe^Jane", 8)
PRIVATE = Element(0x00091001, "UN", "", None, 4)
ITEM = DataSet((NAME,))
STEPS = Element(0x00400100, "SQ", "ScheduledProcedureStepSequence", None, 0xFFFFFFFF, (ITEM,))
DATA_SET = DataSet((PRIVATE, NAME, STEPS))


def test_values_are_found_by_tag_and_by_keyword() -> None:
    assert DATA_SET.get(0x00100010) == DATA_SET.get("PatientName") == "Doe^Jane"
    assert DATA_SET.element("PatientName") is NAME


def test_what_is_not_there_is_none() -> None:
    assert DATA_SET.get("PatientID") is None and DATA_SET.get(0x00080005) is None
    assert DATA_SET.get("") is None and DATA_SET.element("") is None


def test_items_of_a_sequence() -> None:
    [item] = DATA_SET.items("ScheduledProcedureStepSequence")
    assert item.get("PatientName") == "Doe^Jane"
    assert DATA_SET.items("PatientName") == () and DATA_SET.items("NoSuchSequence") == ()
