"""What looks like DICOM beneath TLS and what does not, of conversations that OpenSSL made."""

import pytest

from dicomsniff.core import Direction
from dicomsniff.tls.keylog import Keys
from dicomsniff.tls.likeness import Likeness, likeness
from tests.forge.wire import BACK, OUT
from tests.tls.conversing import Flight
from tests.tls.openssl import TLS13, Ends, converse_in_steps
from tests.tls.transfers import as_written, seen, stores

HEAD = b"POST /upload HTTP/1.1\r\nHost: archive.example.org\r\nContent-Length: 400000\r\n\r\n"
OTHERS: dict[str, list[Flight]] = {
    "a download": [(OUT, HEAD + bytes(200)), (BACK, bytes(400_000))],
    "an upload without an answer before": [(OUT, HEAD + bytes(200)), (OUT, bytes(400_000)), (BACK, bytes(300))],
    "small talk": [(OUT, bytes(300)), (BACK, bytes(250))] * 20,
    "long answers": [(OUT, bytes(300)), (BACK, bytes(250)), (OUT, bytes(900_000)), (BACK, bytes(9_000))],
    "a short beginning": [(OUT, bytes(20)), (BACK, bytes(250)), (OUT, bytes(900_000)), (BACK, bytes(200))],
}
KINDS = {"1.3": Ends(version=TLS13), "1.2": Ends()}
every_kind = pytest.mark.parametrize("kind", KINDS)


def guess(said: list[Flight], kind: str) -> Likeness | None:
    [conversation] = seen(converse_in_steps(said, KINDS[kind]).talk().frames(OUT), Keys()).traffic.conversations
    assert conversation.tls is not None
    return likeness(conversation.tls, *(conversation.tcp.facts(way).bytes for way in Direction))


@every_kind
def test_a_client_that_stores_looks_like_one(kind: str) -> None:
    for said in (stores(), as_written(stores())):
        found = guess(said, kind)
        assert found is not None and found.transfer_bytes > 300_000
        assert (
            0 < found.request_bytes - len(stores()[0][1]) < 100 and 0 < found.answer_bytes - len(stores()[1][1]) < 100
        )


@every_kind
@pytest.mark.parametrize("other", OTHERS)
def test_other_traffic_does_not(kind: str, other: str) -> None:
    assert guess(OTHERS[other], kind) is None
