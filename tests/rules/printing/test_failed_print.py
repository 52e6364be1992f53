"""DS-PRN-001: films that were not printed, or not as they were meant."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from dicomsniff.association.values import Blind, Traffic
from dicomsniff.rules.printing.failed_print import RULE
from dicomsniff.rules.printing.jobs import FILM_BOX, FILM_SESSION, PRINT_JOB, PRINTER
from tests.captures import real
from tests.forge.dialogue import data_set
from tests.forge.traffic import IMPLICIT, TrafficForge, payload
from tests.rules.applying import doubts, hits, is_quiet, only

META, IMAGE_BOX = "1.2.840.10008.5.1.1.9", "1.2.840.10008.5.1.1.4"


def _boxes(*uids: str) -> bytes:
    """What a film box response hands out."""
    items = []
    for uid in uids:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = IMAGE_BOX, uid
        items.append(item)
    return data_set(ReferencedImageBoxSequence=items)


def _job(*steps: tuple[str, str, dict[str, Any]], **association: Any) -> Traffic:
    """A print association with these steps: service, class, what is special about it."""
    forge = TrafficForge()
    printing = forge.association(called="PRINTER", contexts=[(META, [IMPLICIT], 0)], **association)
    for service, sop_class, fields in steps:
        answers = fields.pop("answers", ())
        made = {"status": 0, "pending": 0, "final_has_data": bool(answers), "answers_": answers} | fields
        held = made.pop("answers_")
        forge.exchange(printing, service, sop_class=sop_class, **made)
        if held:
            exchange = forge.traffic().exchanges[-1]
            exchange.answers = [payload(one) for one in held]
    return forge.traffic()


def session() -> tuple[str, str, dict[str, Any]]:
    return "N-CREATE", FILM_SESSION, {}


def film(*uids: str) -> tuple[str, str, dict[str, Any]]:
    return "N-CREATE", FILM_BOX, {"answers": [_boxes(*uids)]} if uids else {}


def image(uid: str = "1.5.1", **fields: Any) -> tuple[str, str, dict[str, Any]]:
    return "N-SET", IMAGE_BOX, {"sop_instance": uid, "dataset_bytes": 1000, **fields}


def printing(status: int = 0) -> tuple[str, str, dict[str, Any]]:
    return "N-ACTION", FILM_BOX, {"status": status}


@pytest.mark.parametrize(
    ("status", "severity", "words"),
    [
        (0xC602, "error", "N-ACTION (Basic Film Box SOP Class) failed: 0xC602 (Unable to create Print Job"),
        (0xB603, "warning", "was answered with a warning: 0xB603"),
        (0xB604, "warning", "does not show the image in its full size or resolution"),
        (0x0213, "error", "0x0213"),
    ],
)
def test_fires_for_each_status(status: int, severity: str, words: str) -> None:
    hit = only(RULE, _job(session(), film("1.5.1"), image(), printing(status)))
    assert words in hit.message and hit.message.startswith("Print job to PRINTER (10.0.0.2:104): ")
    assert (hit.severity, hit.act, hit.facts["status"]) == (severity, "acceptor", f"0x{status:04X}")


def test_fires_once_for_attributes_that_are_refused_again_and_again() -> None:
    steps = [image(status=0x0106, attribute_identifiers=(0x20200010,)) for _ in range(3)]
    hit = only(RULE, _job(session(), film("1.5.1"), *steps))
    assert "attributes ImageBoxPosition (2020,0010) (3 times)" in hit.message
    assert hit.act == "unknown"  # the printer lacks something, or was asked for what it cannot know


def test_fires_and_says_that_only_the_clean_up_failed() -> None:
    last = ("N-DELETE", FILM_SESSION, {"status": 0x0110})
    hit = only(RULE, _job(session(), film("1.5.1"), image(), printing(), last))
    assert "the film was printed, only the clean-up failed" in hit.message
    assert "printed" not in only(RULE, _job(session(), last)).message


def test_fires_for_a_film_box_without_image_boxes() -> None:
    hit = only(RULE, _job(session(), film()))
    assert "hands out no image boxes" in hit.message and (hit.severity, hit.act) == ("error", "acceptor")


def test_fires_for_an_image_box_that_was_not_handed_out() -> None:
    hit = only(RULE, _job(session(), film("1.5.1", "1.5.2"), image("1.5.9"), printing()))
    assert "the image box 1.5.9, which the printer had not handed out" in hit.message and hit.act == "requestor"


def test_fires_for_images_that_nobody_asked_to_print() -> None:
    hit = only(RULE, _job(session(), film("1.5.1"), image()))
    assert "1 image sent, but nobody asked to print them (no N-ACTION) before CT01 (10.0.0.1) released" in hit.message


@pytest.mark.parametrize(
    ("step", "words", "severity"),
    [
        (
            ("N-GET", PRINTER, {"answers": [data_set(PrinterStatus="FAILURE", PrinterStatusInfo="RECEIVER FULL")]}),
            "reports FAILURE of the printer: RECEIVER FULL (N-GET)",
            "error",
        ),
        (
            (
                "N-EVENT-REPORT",
                PRINTER,
                {"event_type_id": 2, "data": data_set(PrinterStatusInfo="SUPPLY LOW"), "requested_by": "acceptor"},
            ),
            "reports WARNING of the printer: SUPPLY LOW (N-EVENT-REPORT)",
            "warning",
        ),
        (
            ("N-GET", PRINT_JOB, {"answers": [data_set(ExecutionStatus="FAILURE", ExecutionStatusInfo="NO PAPER")]}),
            "reports FAILURE of the print job: NO PAPER",
            "error",
        ),
    ],
)
def test_fires_for_what_the_printer_reports(step: tuple[str, str, dict[str, Any]], words: str, severity: str) -> None:
    hit = only(RULE, _job(step))
    assert words in hit.message and hit.severity == severity


def test_is_quiet_about_films_that_were_printed_and_normal_reports() -> None:
    normal = ("N-GET", PRINTER, {"answers": [data_set(PrinterStatus="NORMAL", PrinterStatusInfo="")]})
    assert is_quiet(RULE, _job(normal, session(), film("1.5.1", "1.5.2"), image(), image("1.5.2"), printing()))
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0xA700)
    assert is_quiet(RULE, forge.traffic())


def test_is_inconclusive_where_the_request_to_print_may_not_have_been_captured() -> None:
    traffic = _job(session(), film("1.5.1"), image(), blind=[Blind.HOLE_TO_ACCEPTOR])
    assert not hits(RULE, traffic) and "not captured" in doubts(RULE, traffic)[0]


@real.here
def test_the_real_film_was_printed_and_the_clean_up_failed() -> None:
    hit = only(RULE, real.analysis("print_film").traffic)
    assert "PRINTER (10.77.0.2:104): the film was printed, only the clean-up failed: N-DELETE" in hit.message
    assert "0x0110 (Processing failure)" in hit.message and hit.fix and "printed again" in hit.fix
