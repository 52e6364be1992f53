"""Which protocol speaks: first bytes of DICOM and of what else is met on its ports."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.pdu import ENOUGH_BYTES, looks_like_pdus, protocol_of
from tests.forge import pdus as forge

KNOWN = {"dicom", "tls", "http", "ssh", "hl7", "rdp", "proxy", "unknown"}
EXAMPLES = [
    (forge.request(), "dicom"),
    (forge.acceptance(), "dicom"),
    (forge.rejection(), "dicom"),
    (forge.echo_request(), "dicom"),
    (forge.release_response(), "dicom"),
    (forge.abort(), "dicom"),
    (b"\x01\x77" + forge.request()[2:], "dicom"),
    (forge.request(called=b""), "dicom"),
    (bytes.fromhex("1603010200010001fc0303"), "tls"),
    (bytes.fromhex("15030300020228"), "tls"),
    (bytes.fromhex("1703030020") + bytes(32), "tls"),
    (b"GET / HTTP/1.1\r\n", "http"),
    (b"HTTP/1.1 400 Bad Request", "http"),
    (b"OPTIONS * HTTP/1.0", "http"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "ssh"),
    (b"\x0bMSH|^~\\&|LAB", "hl7"),
    (bytes.fromhex("0300002c27e00000000000436f6f6b69653a"), "rdp"),
    (bytes.fromhex("030000130ed000001234000209080002000000"), "rdp"),
    (b"PROXY TCP4 10.1.1.1 10.0.0.2 51000 104\r\n", "proxy"),
    (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12), "proxy"),
    (b"220 mail.example.org ESMTP Postfix\r\n", "unknown"),
    (bytes(32), "unknown"),
    (b"\x04\x00\x00\x00\x00\x08\x00\x00\x00\x04\x02\x01abcd", "unknown"),
    (b"\x01\x00\x00\x00\x00\x44\x00\x01\x00\x00" + bytes(range(1, 17)), "unknown"),
    (b"\x01\x00\x00\x00\x00\x10" + b"\x00\x01" + b"A" * 20, "unknown"),
]


@pytest.mark.parametrize(("data", "protocol"), EXAMPLES)
def test_first_bytes_name_the_protocol(data: bytes, protocol: str) -> None:
    assert protocol_of(data) == protocol
    assert protocol_of(data[:32]) == protocol


@pytest.mark.parametrize(("data", "protocol"), EXAMPLES)
def test_fewer_bytes_never_name_another(data: bytes, protocol: str) -> None:
    assert {protocol_of(data[:size]) for size in range(len(data) + 1)} <= {None, protocol}


@given(
    st.one_of(
        st.binary(min_size=ENOUGH_BYTES, max_size=40),
        st.binary(max_size=40).map(lambda b: b"\x03\0" + b.ljust(40, b"\1")),
    )
)
def test_enough_bytes_always_decide(data: bytes) -> None:
    assert protocol_of(data) in KNOWN


@given(st.binary(max_size=40))
def test_a_verdict_once_given_stands(data: bytes) -> None:
    verdicts = [protocol_of(data[:size]) for size in range(len(data) + 1)]
    decided = [verdict for verdict in verdicts if verdict is not None]
    assert len(set(decided)) <= 1
    assert verdicts == [None] * (len(verdicts) - len(decided)) + decided


def test_a_rejection_is_not_taken_for_rdp_nor_rdp_for_a_rejection() -> None:
    assert protocol_of(forge.rejection()) == "dicom"
    assert protocol_of(bytes.fromhex("0300000b06e00000000000")) == "rdp"


def test_a_stream_from_its_middle_shows_its_pdus() -> None:
    noise = random.Random(5).randbytes(3000)
    assert looks_like_pdus(noise + forge.echo_request())
    assert looks_like_pdus(noise + forge.p_data(forge.pdv(noise)) * 2 + forge.p_data(forge.pdv(noise))[:20])
    assert looks_like_pdus(noise + forge.release_request())


def test_noise_and_other_protocols_show_none() -> None:
    assert not looks_like_pdus(random.Random(6).randbytes(100_000))
    assert not looks_like_pdus(bytes(10_000))
    assert not looks_like_pdus(b"")
    assert not looks_like_pdus(b"GET / HTTP/1.1\r\n" * 100)


def test_a_request_with_one_wrong_field_is_still_a_request() -> None:
    whole = forge.request()
    assert protocol_of(whole[:6] + b"\0\0" + whole[8:32]) == "dicom"
    assert protocol_of(whole[:10] + b"PACS\t\n" + whole[16:32]) == "dicom"
    assert protocol_of(whole[:6] + b"\0\0\0\0" + b"\x02" * 22) == "unknown"
