"""P-DATA-TF above what the receiver takes, per direction."""

from pathlib import Path

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation.overlong_pdu import RULE
from tests.association.dialogue import Dialogue, read
from tests.forge import messages, pdus
from tests.forge.wire import BACK, OUT
from tests.rules.judging import found, only, shape, verdict

CT = messages.CT


def spoken(
    path: Path, of_requestor: int | None, of_acceptor: int | None, *fragments: int, abort: bool = False
) -> Traffic:
    """One C-STORE whose data set comes in PDUs with these PDU-lengths; the maximum lengths announced by both sides."""
    talk = Dialogue()
    talk.wire.connect()
    application = pdus.uid(0x10, pdus.APPLICATION_CONTEXT)
    context = pdus.proposed_context(1, CT, pdus.EXPLICIT_LITTLE)
    answer = pdus.answered_context(1, 0, pdus.EXPLICIT_LITTLE)
    talk.say(pdus.associate(1, application, context, pdus.user_information(maximum=of_requestor)))
    talk.say(pdus.associate(2, application, answer, pdus.user_information(maximum=of_acceptor)), BACK)
    talk.say(pdus.p_data(pdus.pdv(messages.store_rq(), command=True)))
    for place, length in enumerate(fragments, 1):
        talk.say(pdus.p_data(pdus.pdv(bytes(length - 6), last=place == len(fragments))))
    if abort:
        talk.wire.send(BACK, pdus.abort(2, 6)).close(BACK)
    else:
        talk.say(pdus.p_data(pdus.pdv(messages.response(0x8001), command=True)), BACK).release()
    return read(path / "long.pcap", talk)


def test_fires(tmp_path: Path) -> None:
    finding = only(RULE, spoken(tmp_path, 16384, 8192, 16384, 10000, 500, abort=True))
    assert (
        "MODALITY (10.0.0.1) sends PDUs of up to 16384 bytes; ARCHIVE (10.0.0.2:104) announced at most 8192"
        in finding.message
    )
    assert "(2 PDUs above it)" in finding.message
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.REQUESTOR)


def test_is_quiet_for_the_limit_itself_and_for_what_the_sender_announced(tmp_path: Path) -> None:
    assert verdict(RULE, spoken(tmp_path, 4096, 16384, 16384, 16384)) is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("unlimited", [0, None])
def test_is_quiet_where_the_receiver_sets_no_limit(tmp_path: Path, unlimited: int | None) -> None:
    assert found(RULE, spoken(tmp_path, 16384, unlimited, 200_000)) == ()


def test_what_was_borne_with_is_a_warning(tmp_path: Path) -> None:
    assert only(RULE, spoken(tmp_path, 16384, 8192, 9000)).severity is Severity.WARNING


@pytest.mark.parametrize("excess", [6, 12])
def test_an_excess_of_the_header_is_named_as_such(tmp_path: Path, excess: int) -> None:
    finding = only(RULE, spoken(tmp_path, 16384, 8192, 8192 + excess))
    assert f"The excess is {excess} bytes, as if the PDU header were counted wrongly" in finding.message


def test_the_limit_of_the_requestor_binds_the_acceptor(tmp_path: Path) -> None:
    talk = Dialogue().open()
    response = messages.response(0x8001) + bytes(0)
    talk.say(pdus.p_data(pdus.pdv(messages.store_rq(data_set_type=0x0101), command=True)))
    talk.wire.send(BACK, pdus.p_data(pdus.pdv(response, command=True), pdus.pdv(bytes(17000)))).send(
        OUT, pdus.abort()
    ).close()
    traffic = read(tmp_path / "back.pcap", talk)
    finding = only(RULE, traffic)
    assert shape(traffic) == [(RULE.id, ["DS-ASSOC-008"])]
    assert finding.act is Side.ACCEPTOR and finding.facts["max_pdu_length"] == 16384
