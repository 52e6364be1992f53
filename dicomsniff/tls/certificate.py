"""The bytes of an X.509 certificate in, the few fields that people compare out (RFC 5280 §4.1, X.690 DER).

Nothing is verified: whether a certificate is trusted, the peers decide.
"""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterator
from typing import Final

from dicomsniff.tls.values import Certificate

SEQUENCE, SET, OID, UTC_TIME, GENERALIZED_TIME, CONTEXT_0, CONTEXT_3 = 0x30, 0x31, 0x06, 0x17, 0x18, 0xA0, 0xA3
ALTERNATIVE_NAMES: Final = b"\x55\x1d\x11"
ATTRIBUTES: Final = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU"}
DNS, ADDRESS = 0x82, 0x87
RSA, EC, INTEGER, BIT_STRING = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", b"\x2a\x86\x48\xce\x3d\x02\x01", 0x02, 0x03
CURVES: Final = {b"\x2a\x86\x48\xce\x3d\x03\x01\x07": "EC P-256", b"\x2b\x81\x04\x00\x22": "EC P-384",
                 b"\x2b\x81\x04\x00\x23": "EC P-521"}  # fmt: skip
OTHERS: Final = {b"\x2b\x65\x70": "Ed25519", b"\x2b\x65\x71": "Ed448"}
NAMES, TEXT = 20, 200
"""Most alternative names and most characters of one name that are kept."""
Element = tuple[int, bytes]  # tag and contents


class UnreadableError(Exception):
    """These bytes are not what they should be; never leaves this module."""


def read_certificate(der: bytes) -> Certificate:
    """What can be read of a certificate; of broken bytes, nothing."""
    try:
        [(_, inner), *_] = elements(_only(der, SEQUENCE))
        fields = list(elements(inner))
        if fields and fields[0][0] == CONTEXT_0:
            del fields[0]
        _serial, _algorithm, issuer, validity, subject, *rest = fields
        begin, end = (_time(each) for each in list(elements(validity[1]))[:2])
        names, key = _alternative_names(rest), _key(rest[0][1]) if rest else None
        return Certificate(_name(subject[1]), _name(issuer[1]), begin, end, names, key)
    except (UnreadableError, ValueError):
        return Certificate()


def elements(data: bytes) -> Iterator[Element]:
    """The elements that follow one another in these bytes."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise UnreadableError
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            width = length & 0x7F
            if not 1 <= width <= 4 or at + width > len(data):
                raise UnreadableError
            length, at = int.from_bytes(data[at : at + width], "big"), at + width
        if at + length > len(data):
            raise UnreadableError
        yield tag, data[at : at + length]
        at += length


def _only(data: bytes, wanted: int) -> bytes:
    for tag, contents in elements(data):
        if tag == wanted:
            return contents
        break
    raise UnreadableError


def _name(data: bytes) -> str:
    """ "CN=pacs.example.org, O=Clinic": the attributes that tell who it is, in their order."""
    parts = []
    for tag, group in elements(data):
        if tag != SET:
            raise UnreadableError
        for _, pair in elements(group):
            [(_, kind), (_, value), *_] = elements(pair)
            if kind in ATTRIBUTES:
                parts.append(f"{ATTRIBUTES[kind]}={_text(value)}")
    return ", ".join(parts)


def _text(value: bytes) -> str:
    text = value[: 4 * TEXT].decode("utf-8", "replace")[:TEXT]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _time(element: Element) -> int:
    """UTCTime of 2050 to 2099 means 1950 to 1999 (RFC 5280 §4.1.2.5.1)."""
    tag, value = element
    text = value.decode("ascii", "replace")
    if tag == UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    if tag not in (UTC_TIME, GENERALIZED_TIME) or not text[:14].isdigit() or len(text) < 14:
        raise UnreadableError
    numbers = [int(text[:4]), *(int(text[at : at + 2]) for at in range(4, 14, 2))]
    if not (1 <= numbers[1] <= 12 and 1 <= numbers[2] <= 31 and numbers[0] >= 1):
        raise UnreadableError
    return timegm((*numbers, 0, 0, 0))


def _key(info: bytes) -> str | None:
    """Kind and size of the public key (RFC 3279 §2.3, RFC 8410), None of kinds not known here."""
    [(_, algorithm), (kind, bits), *_] = elements(info)
    [(_, named), *parameters] = elements(algorithm)
    if named == RSA and kind == BIT_STRING:
        for tag, modulus in elements(_only(bits[1:], SEQUENCE)):
            return f"RSA {int.from_bytes(modulus, 'big').bit_length()}" if tag == INTEGER else None
    if named == EC:
        return CURVES.get(parameters[0][1], "EC") if parameters else "EC"
    return OTHERS.get(named)


def _alternative_names(rest: list[Element]) -> tuple[str, ...]:
    """The DNS names and addresses that the certificate is for (RFC 5280 §4.2.1.6)."""
    found: list[str] = []
    for _, wrapped in (each for each in rest if each[0] == CONTEXT_3):
        for _, extension in elements(_only(wrapped, SEQUENCE)):
            parts = list(elements(extension))
            if parts and parts[0] == (OID, ALTERNATIVE_NAMES):
                found += _names_in(parts[-1][1])
    return tuple(found[:NAMES])


def _names_in(value: bytes) -> Iterator[str]:
    for tag, name in elements(_only(value, SEQUENCE)):
        if tag == DNS:
            yield _text(name)
        elif tag == ADDRESS and len(name) == 4:
            yield ".".join(str(byte) for byte in name)
