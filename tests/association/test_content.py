"""What the data sets of an exchange say, decoded when asked."""

from pathlib import Path

from dicomsniff.association.content import answers_of, dataset_of, failed_instances, uids_of
from tests.association.dialogue import Dialogue, p_data, read
from tests.forge import messages
from tests.forge.traffic import STUDY_MOVE, TrafficForge, data_set
from tests.forge.wire import BACK

IMPLICIT = "1.2.840.10008.1.2"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"


def test_the_data_set_of_a_request_is_read_in_the_negotiated_syntax(tmp_path: Path) -> None:
    for implicit, syntax in ((True, IMPLICIT), (False, "1.2.840.10008.1.2.1")):
        sent = data_set(implicit, PatientID="4711", Modality="CT")
        traffic = read(tmp_path / "c.pcap", Dialogue().open(transfer=syntax).store("1.2.3", sent).release())
        found = dataset_of(traffic.exchanges[0])
        assert found is not None and found.error is None
        assert (found.get("PatientID"), found.get("Modality")) == ("4711", "CT")


def test_the_data_sets_of_responses_come_in_their_order(tmp_path: Path) -> None:
    ask = messages.command_bytes(
        AffectedSOPClassUID=FIND, CommandField=0x0020, MessageID=1, Priority=0, CommandDataSetType=1
    )
    dialogue = Dialogue().open(FIND, IMPLICIT).say(p_data(1, ask, data_set(QueryRetrieveLevel="STUDY")))
    for patient in ("1", "2", "3"):
        dialogue.say(p_data(1, messages.response(0x8020, 1, 0xFF00, 1), data_set(PatientID=patient)), BACK)
    [exchange] = read(tmp_path / "c.pcap", dialogue.say(p_data(1, messages.response(0x8020)), BACK).release()).exchanges
    assert [answer.get("PatientID") for answer in answers_of(exchange)] == ["1", "2", "3"]
    assert exchange.pending == 3


def test_no_data_set_is_none(tmp_path: Path) -> None:
    [exchange] = read(tmp_path / "c.pcap", Dialogue().open().echo().release()).exchanges
    assert dataset_of(exchange) is None and answers_of(exchange) == ()


def test_the_keys_of_a_retrieve_are_lists_and_empty_ones_ask_for_nothing() -> None:
    forge = TrafficForge()
    keys = data_set(
        QueryRetrieveLevel="SERIES", PatientID="", StudyInstanceUID="1.2", SeriesInstanceUID=["1.2.1", "1.2.2"]
    )
    forge.exchange(forge.association(contexts=[(STUDY_MOVE, [IMPLICIT], 0)]), "C-MOVE", data=keys)
    found = uids_of(forge.traffic().exchanges[0])
    assert sorted(found.series) == ["1.2.1", "1.2.2"] and list(found.studies) == ["1.2"]
    assert not found.instances and not found.patients


def test_failed_instances_are_read_off_the_response() -> None:
    forge = TrafficForge()
    move = forge.exchange(forge.association(contexts=[(STUDY_MOVE, [IMPLICIT], 0)]), "C-MOVE")
    forge.answer(move, 0xB000, data=data_set(FailedSOPInstanceUIDList=["1.2.3", "1.2.4"]))
    assert failed_instances(forge.traffic().exchanges[0]) == ("1.2.3", "1.2.4")
