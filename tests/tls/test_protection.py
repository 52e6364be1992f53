"""One record at a time: opened with the right number and the right keys, never otherwise."""

import hmac

import pytest

from dicomsniff.tls.library import AESGCM, Cipher, algorithms, modes
from dicomsniff.tls.protection import Cbc, Tls13
from dicomsniff.tls.schedule import expand_label, next_secret
from dicomsniff.tls.suites import Suite, suite_of
from dicomsniff.tls.values import TLS12

SECRET, CONTENT = bytes(range(32)), b"what was said" * 5


def suite(number: int) -> Suite:
    found = suite_of(number)
    assert found is not None
    return found


def sealed(secret: bytes, sequence: int, inner: bytes) -> bytes:
    """A record body of TLS 1.3, made by hand (RFC 8446 §5.2)."""
    key, iv = expand_label("sha256", secret, "key", 16), expand_label("sha256", secret, "iv", 12)
    nonce = (int.from_bytes(iv, "big") ^ sequence).to_bytes(12, "big")
    return AESGCM(key).encrypt(nonce, inner, b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big"))


def test_a_record_of_tls_1_3_opens_with_its_number_only_and_without_its_padding() -> None:
    opener, body = Tls13(suite(0x1301), SECRET), sealed(SECRET, 7, CONTENT + b"\x16" + bytes(9))
    assert opener.open(7, 23, 0x0303, body) == (22, CONTENT)
    assert opener.open(8, 23, 0x0303, body) is None and opener.open(7, 23, 0x0301, body) is None


def test_a_record_that_is_all_padding_is_none() -> None:
    assert Tls13(suite(0x1301), SECRET).open(0, 23, 0x0303, sealed(SECRET, 0, bytes(20))) is None


def test_after_a_key_update_the_next_secret_opens() -> None:
    after = Tls13(suite(0x1301), SECRET).updated()
    body = sealed(next_secret(suite(0x1301), SECRET), 0, CONTENT + b"\x17")
    assert after is not None and after.open(0, 23, 0x0303, body) == (23, CONTENT)


def cbc_body(etm: bool, padding: int = 2) -> bytes:
    """A record body of TLS 1.2 in CBC mode, made by hand (RFC 5246 §6.2.3.2, RFC 7366)."""
    iv, mac_key = bytes(16), b"m" * 20

    def mac(covered: bytes) -> bytes:
        return hmac.digest(mac_key, bytes(8) + b"\x17\x03\x03" + len(covered).to_bytes(2, "big") + covered, "sha1")

    plain = CONTENT if etm else CONTENT + mac(CONTENT)
    fill = -(len(plain) + 1) % 16
    plain += bytes([fill]) * (fill + 1)
    encryptor = Cipher(algorithms.AES(b"k" * 16), modes.CBC(iv)).encryptor()
    body = iv + encryptor.update(plain) + encryptor.finalize()
    return body + mac(body) if etm else body


@pytest.mark.parametrize("etm", [True, False])
def test_a_record_in_cbc_mode_opens_whole_and_undamaged_only(etm: bool) -> None:
    opener, body = Cbc(suite(0x002F), TLS12, b"m" * 20, b"k" * 16, bytes(16), etm), cbc_body(etm)
    assert opener.open(0, 23, TLS12, body) == (23, CONTENT)
    assert opener.open(1, 23, TLS12, body) is None
    for at in range(0, len(body), 9):
        damaged = bytearray(body)
        damaged[at] ^= 4
        assert opener.open(0, 23, TLS12, bytes(damaged)) is None
    for length in range(len(body)):
        assert opener.open(0, 23, TLS12, body[:length]) is None
