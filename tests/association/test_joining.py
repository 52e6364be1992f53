"""Parents and children: a result belongs to its request, an update to what it updates."""

from dicomsniff.association.joining import join_workflow
from tests.captures import real
from tests.forge.workflow import Day


@real.here
def test_the_real_report_is_the_child_of_the_action() -> None:
    exchanges = real.analysis("workflow_mwl_mpps_commit").exchanges
    assert [(e.service, e.parent) for e in exchanges if e.parent] == [("N-SET", 2), ("N-EVENT-REPORT", 7)]
    assert [(e.service, e.children) for e in exchanges if e.children] == [("N-CREATE", [3]), ("N-ACTION", [8])]


def test_updates_belong_to_the_creation_that_was_acknowledged() -> None:
    day = Day()
    day.create("5.1", 0x0110)
    day.create("5.1")
    day.set("5.1")
    day.set("5.2")
    traffic = join_workflow(day.traffic())
    assert [exchange.parent for exchange in traffic.exchanges] == [None, None, 2, None]
    assert traffic.exchange(2).children == [3]
