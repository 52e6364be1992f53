"""Certificates made by openssl, cut and broken ones."""

import ssl
from calendar import timegm

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.tls.certificate import read_certificate
from dicomsniff.tls.values import Certificate
from tests.tls.handshaking import DATA


def der(name: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert((DATA / f"{name}.pem").read_text())


def test_the_fields_that_people_compare_are_read() -> None:
    read = read_certificate(der("server"))
    assert (read.subject, read.issuer) == ("O=Clinic, CN=pacs.example.org", "O=Clinic, CN=Clinic ca")
    assert read.names == ("pacs.example.org", "*.pacs.example.org", "10.0.0.2")
    assert read.not_before == timegm((2020, 1, 1, 0, 0, 0))
    assert read.not_after == timegm((2120, 1, 1, 0, 0, 0))
    assert not read.self_signed


def test_kind_and_size_of_the_key_are_read() -> None:
    assert (read_certificate(der("server")).key, read_certificate(der("rsa")).key) == ("EC P-256", "RSA 2048")


def test_a_ca_is_self_signed() -> None:
    assert read_certificate(der("ca")).self_signed


def test_a_certificate_cut_anywhere_says_nothing() -> None:
    whole = der("server")
    assert {read_certificate(whole[:end]) for end in range(len(whole))} == {Certificate()}


@given(st.data())
def test_no_bytes_raise(data: st.DataObject) -> None:
    broken = bytearray(der("server"))
    for at in data.draw(st.lists(st.integers(0, len(broken) - 1), min_size=1, max_size=6)):
        broken[at] = data.draw(st.integers(0, 255))
    assert isinstance(read_certificate(bytes(broken)), Certificate)
    assert isinstance(read_certificate(data.draw(st.binary(max_size=80))), Certificate)
