"""The first screen: what is wrong, who must act, what to do, what else; and no more than there is to say."""

from dicomsniff.association.values import Blind
from dicomsniff.report.html.first_screen import first_screen
from dicomsniff.rules.finding import Severity, Side
from tests.forge.traffic import TrafficForge
from tests.report.forged import finding, healthy_traffic, report_of


def test_the_worst_finding_says_what_who_and_how() -> None:
    told = [finding("mild. It is.", Severity.WARNING), finding("PACS does not know PACZ.", act=Side.REQUESTOR)]
    shown = first_screen(report_of(healthy_traffic(), told))
    assert (shown.level, shown.what, shown.actor) == ("error", "PACS does not know PACZ.", "the calling side")
    assert shown.first is not None and shown.first["fix"] == "Correct the title."
    assert [(one.number, one.severity, one.sentence) for one in shown.also] == [(2, "warning", "mild.")]


def test_the_same_sentence_is_said_once_and_many_are_counted() -> None:
    told = [finding(f"fault {number // 2}") for number in range(20)]
    shown = first_screen(report_of(healthy_traffic(), told))
    assert [one.sentence for one in shown.also] == ["fault 1", "fault 2", "fault 3", "fault 4"]
    assert shown.left == 5


def test_long_uids_do_not_hide_what_happened_and_well_known_ones_stay() -> None:
    uid = "1.2.826.0.1.3680043.8.498.64722538263466965400903722662350704700"
    told = [finding(f"PACS refused {uid} of 1.2.840.10008.5.1.4.1.1.2"), finding(f"and {uid}.")]
    shown = first_screen(report_of(healthy_traffic(), told))
    assert shown.what == "PACS refused 1.2.826.0.1.…50704700 of 1.2.840.10008.5.1.4.1.1.2"
    assert shown.also[0].sentence == "and 1.2.826.0.1.…50704700."


def test_notes_are_nothing_to_act_on() -> None:
    shown = first_screen(report_of(healthy_traffic(), [finding("worth knowing", Severity.NOTE)]))
    assert shown.first is None and shown.also == ()
    assert shown.sentences[0].startswith("1 association, 2 operations")


def test_what_the_capture_does_not_show_is_said() -> None:
    forge = TrafficForge()
    forge.association(blind=(Blind.TO_ACCEPTOR,))
    shown = first_screen(report_of(forge.traffic(), [finding()]))
    assert shown.blind == ("1 association was not seen whole",)


def test_the_way_to_how_it_is_done_leads_to_the_finding_of_the_verdict() -> None:
    symptom = finding("CT aborted", rule="DS-ASSOC-007")
    shown = first_screen(report_of(healthy_traffic(), [symptom, finding("PACS takes no JPEG", rule="DS-PC-003")]))
    assert (shown.what, shown.number) == ("PACS takes no JPEG", 2)


def test_encodings_have_short_names_in_it() -> None:
    long = "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])"
    shown = first_screen(report_of(healthy_traffic(), [finding(f"PACS refuses {long}", fix=f"Enable {long} (1.2.3).")]))
    assert (shown.what, shown.fix) == ("PACS refuses JPEG Lossless", "Enable JPEG Lossless (1.2.3).")
