"""Handshake messages, sound and not."""

from struct import pack

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.tls.messages import certificates, client_hello, server_hello

RANDOM = bytes(32)


def hello(extensions: bytes = b"", suites: bytes = b"\x13\x01\x0a\x0a") -> bytes:
    return b"\x03\x03" + RANDOM + b"\0" + pack(">H", len(suites)) + suites + b"\x01\0" + extensions


def extended(*extensions: tuple[int, bytes]) -> bytes:
    inner = b"".join(pack(">HH", kind, len(data)) + data for kind, data in extensions)
    return pack(">H", len(inner)) + inner


def test_an_old_hello_without_extensions_is_read() -> None:
    read = client_hello(hello(), 7, 9)
    assert read is not None
    assert (read.packet, read.time_ns, read.versions, read.cipher_suites) == (7, 9, (0x0303,), (0x1301,))
    assert (read.server_name, read.protocols) == (None, ())


def test_extensions_tell_versions_name_and_protocols() -> None:
    name = b"\0\x0b\0\0\x08pacs.org"
    versions = b"\x06\x7a\x7a\x03\x04\x03\x03"
    read = client_hello(hello(extended((43, versions), (0, name), (16, b"\0\x06\x05dicom"))), 1, 1)
    assert read is not None
    assert (read.versions, read.server_name, read.protocols) == ((0x0304, 0x0303), "pacs.org", ("dicom",))


def test_the_version_of_a_server_is_that_of_its_extension() -> None:
    body = b"\x03\x03" + RANDOM + b"\0\x13\x02\0"
    old, new = server_hello(body, 1, 1), server_hello(body + extended((43, b"\x03\x04")), 1, 1)
    assert old is not None and new is not None
    assert (old.version, new.version, new.cipher_suite) == (0x0303, 0x0304, 0x1302)


def test_what_ends_too_soon_is_none() -> None:
    whole = hello(extended((43, b"\x02\x03\x04")))
    assert all(client_hello(whole[:end], 1, 1) is None for end in range(41))
    assert server_hello(b"\x03\x03", 1, 1) is None
    assert certificates(b"\0\0\x09\0\0\x09abc") is None
    assert certificates(b"\0\0\0") == ()


@given(st.binary(max_size=120))
def test_no_bytes_raise(body: bytes) -> None:
    client_hello(body, 1, 1)
    server_hello(body, 1, 1)
    certificates(body)
