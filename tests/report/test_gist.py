"""Headlines: the first clause, without addresses, in names that people use."""

import pytest

from dicomsniff.report.gist import LONGEST, action, brief, cause, first_sentence


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("PACS (10.0.0.2:104) refuses it. It answered 0xA700.", "PACS refuses it"),
        ("PACS ([fd00::1]:104) refuses CT01 (fd00::2).", "PACS refuses CT01"),
        ("10.0.0.2:104 does not know itself as 'A' (asked by 'B' from 10.0.0.1).", "10.0.0.2:104 does not know itself as 'A' (asked by 'B' from 10.0.0.1)"),
        ("PACS refused it (1/1/7), twice.", "PACS refused it (1/1/7), twice"),
        ("It takes CT Image Storage (1.2.840.10008.5.1.4.1.1.2) no more.", "It takes CT Image Storage no more"),
        ("CT01 aborted the association 16 ms after the acceptance; 128 of 128 accepted.", "CT01 aborted the association 16 ms after the acceptance"),
        ("PACS is full at this time (0 idle; top holder CT01); ask later.", "PACS is full at this time (0 idle; top holder CT01)"),
        ("No; the rest belongs to it.", "No; the rest belongs to it"),
        ("refused once at 15:55:03.033 UTC. Nothing is listening.", "refused once at 15:55:03.033 UTC"),
    ],
)  # fmt: skip
def test_a_cause_is_the_first_clause_without_addresses(message: str, wanted: str) -> None:
    assert cause(message) == wanted


def test_encodings_have_the_names_that_people_use_and_keep_their_uids_where_they_must_be_set() -> None:
    long = "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])"
    assert cause(f"PACS (10.0.0.2) refuses {long} for CT.") == "PACS refuses JPEG Lossless for CT"
    assert cause(
        f"PACS refuses {long.replace(', First', ', First')} and JPEG 2000 Image Compression (Lossless Only)"
    ) == ("PACS refuses JPEG Lossless and JPEG 2000 Lossless")
    assert action(f"Enable {long} (1.2.840.10008.1.2.4.70) on PACS (10.0.0.2:104). Or not.") == (
        "Enable JPEG Lossless (1.2.840.10008.1.2.4.70) on PACS."
    )


def test_a_fix_ends_as_a_sentence_and_none_stays_none() -> None:
    assert (action("Correct it"), action("Why not?"), action("")) == ("Correct it.", "Why not?", "")


def test_what_is_long_is_cut_at_a_word() -> None:
    made = cause("word " * 1000)
    assert len(made) <= LONGEST + 1 and made.endswith("word…")


def test_instance_uids_are_shortened_and_well_known_ones_are_not() -> None:
    uid = "1.2.826.0.1.3680043.8.498.64722538263466965400903722662350704700"
    assert brief(f"{uid} of 1.2.840.10008.1.1") == "1.2.826.0.1.…50704700 of 1.2.840.10008.1.1"


def test_an_address_does_not_end_a_sentence() -> None:
    assert first_sentence("It is at 10.0.0.1. There it stays") == "It is at 10.0.0.1."
