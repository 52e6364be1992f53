"""DS-STORE-005: objects sent again."""

from dataclasses import replace

from dicomsniff.core import Endpoint
from dicomsniff.rules.storage.repeated_instance import RULE
from tests.captures import real
from tests.forge.traffic import CT, EXPLICIT, IMPLICIT, ContextSpec, TrafficForge
from tests.rules.applying import hits, is_quiet, only
from tests.rules.data_sets.stored import ct, pixels, stored


def test_fires_as_a_note_for_the_same_bytes_twice() -> None:
    hit = only(RULE, stored(ct(), ct()))
    assert "1.2.3.4 was sent twice to PACS (10.0.0.2:104) with the same content" in hit.message
    assert (hit.severity, hit.act) == ("note", "requestor")


def test_fires_as_a_warning_for_other_bytes_or_three_times() -> None:
    assert "with different bytes" in only(RULE, stored(ct(), ct() + pixels(128))).message
    assert only(RULE, stored(ct(), ct() + pixels(128))).severity == "warning"
    assert only(RULE, stored(ct(), ct(), ct())).severity == "warning"


def test_fires_as_an_error_for_one_instance_in_two_series() -> None:
    hit = only(RULE, stored(ct(), ct(SeriesInstanceUID="1.2.3.9")))
    assert "in 2 different series" in hit.message and hit.severity == "error"


def test_fires_for_two_associations_at_once() -> None:
    forge = TrafficForge()
    first, second = forge.association(contexts=[(CT, [IMPLICIT], 0)]), forge.association(contexts=[(CT, [IMPLICIT], 0)])
    forge.exchange(first, "C-STORE", status=0, sop_instance="1.2.3")
    forge.exchange(second, "C-STORE", status=0, sop_instance="1.2.3")
    traffic = forge.traffic()
    late = traffic.exchange(1)
    assert late.final and late.request
    late.final = late.final._replace(first_packet=10_000, last_packet=10_000)
    hit = only(RULE, traffic)
    assert "in parallel" in hit.message and hit.severity == "warning"


def test_is_quiet_about_a_second_try_after_a_failure_and_another_receiver() -> None:
    forge = TrafficForge()
    for called, status in (("PACS", 0xA700), ("PACS", 0), ("OTHER", 0)):
        association = forge.association(called=called, contexts=[(CT, [IMPLICIT], 0)])
        forge.exchange(association, "C-STORE", status=status, sop_instance="1.2.3")
    assert is_quiet(RULE, forge.traffic())


@real.here
def test_real_captures_give_no_more_than_notes() -> None:
    every = [hit for name in real.names() if "/" in name for hit in hits(RULE, real.analysis(name).traffic)]
    assert {hit.severity for hit in every} <= {"note"}


def test_is_quiet_about_what_was_retrieved_twice() -> None:
    traffic = stored(ct(), ct())
    first, second = traffic.exchanges
    first.parent, second.parent = 7, 8
    assert is_quiet(RULE, traffic)
    second.parent = 7
    assert not is_quiet(RULE, traffic)


@real.here
def test_a_study_that_was_moved_and_then_got_was_not_sent_again() -> None:
    assert list(hits(RULE, real.analysis("query_retrieve").traffic)) == []


def test_deliveries_of_retrieves_that_were_not_captured_are_not_sent_again() -> None:
    for requested_by, origin in (("acceptor", None), ("requestor", 7)):
        forge = TrafficForge()
        for _ in range(2):
            association = forge.association()
            forge.exchange(
                association,
                "C-STORE",
                status=0,
                sop_instance="1.2.3",
                requested_by=requested_by,
                move_originator_message_id=origin,
            )
        assert is_quiet(RULE, forge.traffic())


def test_what_a_proxy_passes_on_within_its_host_is_not_sent_again() -> None:
    for sender, quiet in (("10.0.0.2", True), ("10.0.0.9", False)):
        forge = TrafficForge()
        for initiator in ("10.0.0.1", sender):
            line = forge.connection(initiator=Endpoint(initiator, 40_000))
            forge.exchange(forge.association(line), "C-STORE", status=0, sop_instance="1.2.3")
        assert is_quiet(RULE, forge.traffic()) is quiet


def test_what_came_by_two_routes_is_the_fault_of_neither_sender_for_sure() -> None:
    forge = TrafficForge()
    for ip in ("10.0.0.1", "10.0.0.7"):
        association = forge.association(forge.connection(initiator=Endpoint(ip, 4000)))
        forge.exchange(association, "C-STORE", status=0, sop_instance="1.2.3")
    assert only(RULE, forge.traffic()).act == "unknown"


def test_an_object_in_two_encodings_or_not_seen_whole_is_not_said_to_differ() -> None:
    forge = TrafficForge()
    contexts: list[ContextSpec] = [(CT, [IMPLICIT], 0), (CT, [EXPLICIT], 0)]
    association = forge.association(contexts=contexts)
    for context_id, body in ((1, b"one way"), (3, b"another way")):
        forge.exchange(association, "C-STORE", status=0, sop_instance="1.2.3", context_id=context_id, data=body)
    hit = only(RULE, forge.traffic())
    assert hit.severity == "note" and "different bytes" not in hit.message
    traffic = stored(ct(), ct() + pixels(128))
    second = traffic.exchanges[1]
    assert second.payload is not None
    second.payload = replace(second.payload, complete=False, sha256=None)
    assert only(RULE, traffic).severity == "note"


def test_one_after_the_other_is_not_at_once() -> None:
    forge = TrafficForge()
    for _ in range(2):
        forge.exchange(forge.association(), "C-STORE", status=0, sop_instance="1.2.3", data=b"same")
    assert "parallel" not in only(RULE, forge.traffic()).message
