"""Commands, responses and fragments that break the rules of DIMSE. `python -m sample_captures.dimse_violations` rebuilds it.

Each association holds one fault: a request that is never answered, a response to a message that nobody sent, a command without
its class, an object that says that it has no data set, an MR image on the context of CT, an image without a byte, three
requests at once where one was negotiated, a failed echo, a status that no table lists, and a query that goes on after it was
cancelled.
"""

from pathlib import Path

from tests.forge import pdus
from tests.forge.dialogue import ECHO, FIND, STORE, Dialogue, data_set
from tests.forge.hospital import ARCHIVE, CT, CT01, MR, ROOT, STUDY_FIND, WS09, Device, Hospital, image, uid
from tests.forge.messages import command_bytes, store_rq
from tests.forge.pdus import VERIFICATION
from tests.forge.wire import OUT, Frame, write_pcap

HERE = Path(__file__).parent
GATEWAY = Device("GATEWAY", "192.168.10.17")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()

    def talk(second: float, *classes: str, client: Device = GATEWAY) -> Dialogue:
        return hospital.talk(client, ARCHIVE, second, *classes)

    _unanswered(talk(0, CT, client=CT01))
    talk(50, VERIFICATION).ask(ECHO, VERIFICATION).answer(ECHO, VERIFICATION, 0, MessageIDBeingRespondedTo=9).release()
    _without_class(talk(60, VERIFICATION))
    without_data = {"AffectedSOPInstanceUID": uid(2)}
    talk(70, CT).ask(STORE, CT, **without_data).answer(STORE, CT, 0x0110, **without_data).release()
    talk(80, CT).store(MR, uid(3), image(MR, 3), on=CT).release()
    _empty(talk(90, CT))
    _at_once(talk(100, VERIFICATION))
    talk(110, VERIFICATION).ask(ECHO, VERIFICATION).answer(
        ECHO, VERIFICATION, 0x0211, ErrorComment="not here"
    ).release()
    own = {"ErrorComment": "stored, to be reviewed"}
    talk(120, CT, client=CT01).store(CT, uid(5), image(CT, 5), 0xB123, **own).release()
    _cancelled(talk(130, STUDY_FIND, client=WS09))
    return hospital.frames


def _unanswered(talk: Dialogue) -> None:
    """The archive takes an image whole and says nothing for forty seconds, until CT01 gives up."""
    talk.ask(STORE, CT, image(CT, 1), AffectedSOPInstanceUID=uid(1))
    talk.wire.acknowledge(OUT).wait(40)
    talk.abort(OUT)


def _without_class(talk: Dialogue) -> None:
    """A C-ECHO that does not name its SOP class, and is refused."""
    text = command_bytes(CommandField=ECHO, MessageID=1, CommandDataSetType=0x0101)
    talk.wire.send(OUT, pdus.p_data(pdus.pdv(text, command=True)))
    talk.answer(ECHO, VERIFICATION, 0x0118, MessageIDBeingRespondedTo=1).release()


def _empty(talk: Dialogue) -> None:
    """An object of one fragment that is empty."""
    talk.wire.send(OUT, pdus.p_data(pdus.pdv(store_rq(1, uid(4)), command=True)))
    talk.wire.send(OUT, pdus.p_data(pdus.pdv(b"")))
    named = {"MessageIDBeingRespondedTo": 1, "AffectedSOPInstanceUID": uid(4)}
    talk.answer(STORE, CT, 0xC000, ErrorComment="no data", **named).release()


def _at_once(talk: Dialogue) -> None:
    """Three echoes that do not wait for each other."""
    for number in (1, 2, 3):
        talk.ask(ECHO, VERIFICATION, MessageID=number)
    for number in (1, 2, 3):
        talk.answer(ECHO, VERIFICATION, 0, MessageIDBeingRespondedTo=number)
    talk.release()


def _cancelled(talk: Dialogue) -> None:
    """The archive sends thirty more matches after the C-CANCEL."""
    keys = {"QueryRetrieveLevel": "STUDY", "StudyDate": "20260106"}
    talk.ask(FIND, STUDY_FIND, data_set(**keys, StudyInstanceUID=""))
    for number in range(40):
        if number == 10:
            cancel = command_bytes(CommandField=0x0FFF, MessageIDBeingRespondedTo=1, CommandDataSetType=0x0101)
            talk.wire.send(OUT, pdus.p_data(pdus.pdv(cancel, command=True))).wait(0.01)
        talk.answer(FIND, STUDY_FIND, 0xFF00, data_set(**keys, StudyInstanceUID=f"{ROOT}.{number + 1}"), 0.02)
    talk.answer(FIND, STUDY_FIND, 0).release()


if __name__ == "__main__":
    write_pcap(HERE / "dimse_violations.pcap", frames())
