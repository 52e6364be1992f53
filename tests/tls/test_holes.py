"""How much content lay in a hole: exactly where no padding hides it, and otherwise what a like record held."""

from dicomsniff.tcp.events import GapCause
from dicomsniff.tls.holes import Contents
from dicomsniff.tls.protection import Aead, Cbc
from dicomsniff.tls.records import HEADER, Hole
from dicomsniff.tls.suites import suite_of
from dicomsniff.tls.values import TLS12

GCM, CBC = suite_of(0x009C), suite_of(0x003C)
assert GCM is not None and CBC is not None
AEAD = Aead(GCM, bytes(16), bytes(4))
PADDED = Cbc(CBC, TLS12, bytes(32), bytes(16), bytes(16), encrypt_then_mac=False)


def hole(start: int, end: int, *, split: int = 0, tail: bytes = b"") -> Hole:
    return Hole(start, end, not split, GapCause.LOST, 1, 1, split, tail)


def test_without_padding_all_but_headers_nonces_and_tags_is_content() -> None:
    assert Contents().lost(hole(100, 100 + HEADER + 24 + 1000), 1129, 1, AEAD) == 1000
    assert Contents().lost(hole(100, 1129), 1129, 2, AEAD) == 1000 - HEADER - 24
    assert Contents().lost(hole(100, 1129), 1129, 0, AEAD) == 1029
    assert Contents().lost(hole(100, 100 + HEADER + 24), 100 + HEADER + 24, 1, AEAD) == 0


def test_records_that_do_not_fit_into_a_hole_are_missing_besides() -> None:
    assert Contents().lost(hole(100, 130), 130, 2, AEAD) == 1


def test_with_padding_a_record_of_the_same_length_tells() -> None:
    size = HEADER + 16 + 32 + 16 * 10
    contents = Contents()
    guessed = contents.lost(hole(0, size), size, 1, PADDED)
    assert 160 - 16 <= guessed <= 160
    contents.note(size, 147)
    assert contents.lost(hole(0, size), size, 1, PADDED) == 147


def test_the_end_of_a_padded_record_tells_exactly() -> None:
    from dicomsniff.tls.library import Cipher, algorithms, modes

    fill = 9
    encryptor = Cipher(algorithms.AES(bytes(16)), modes.CBC(bytes(16))).encryptor()
    blocks = encryptor.update(bytes(16) + bytes(16 - fill) + bytes([fill - 1]) * fill)
    size = HEADER + 16 + 32 + 16 * 10
    assert Contents().lost(hole(0, size, tail=blocks), size, 1, PADDED) == 160 - fill
    two = hole(0, 2 * size, split=size, tail=blocks)
    contents = Contents()
    contents.note(size, 150)
    assert contents.lost(two, 2 * size, 2, PADDED) == 150 + 160 - fill
    assert Contents().lost(hole(0, size, tail=blocks), size + 1, 1, PADDED) != 160 - fill  # the hole ended before


def test_the_longest_records_are_taken_to_be_full_and_nothing_is_nothing() -> None:
    size = HEADER + 16 + 32 + 16400
    assert Contents().lost(hole(0, size), size, None, PADDED) == 1 << 14
    assert Contents().lost(hole(0, 40), 40, 1, PADDED) == 1
    assert Contents().lost(hole(0, 40), 40, None, None) == 35
