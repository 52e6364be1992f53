"""Keys from secrets, against published examples."""

import pytest

from dicomsniff.tls.schedule import expand_label, key_block, next_secret, prf
from dicomsniff.tls.suites import suite_of
from dicomsniff.tls.values import TLS12


def test_keys_of_tls_1_3_are_those_of_rfc_8448() -> None:
    secret = bytes.fromhex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21")
    assert expand_label("sha256", secret, "key", 16).hex() == "dbfaa693d1762c5b666af5d950258d01"
    assert expand_label("sha256", secret, "iv", 12).hex() == "5bd3c71b836e0b76bb73265f"


def test_the_pseudo_random_function_of_tls_1_2_is_that_of_the_published_vector() -> None:
    secret, seed = bytes.fromhex("9bbe436ba940f017b17652849a71db35"), bytes.fromhex("a0ba9f936cda311827a6f796ffd5198c")
    told = prf(TLS12, "sha256", secret, b"test label", seed, 100).hex()
    assert told.startswith(
        "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af"
    )


@pytest.mark.parametrize(("number", "lengths"), [(0x002F, [20, 20, 16, 16, 16, 16]), (0xC030, [0, 0, 32, 32, 4, 4])])
def test_a_key_block_is_cut_as_the_suite_wants_it(number: int, lengths: list[int]) -> None:
    suite = suite_of(number)
    assert suite is not None
    assert [len(part) for part in key_block(TLS12, suite, bytes(48), bytes(32), bytes(32))] == lengths


def test_the_next_secret_is_another_one_of_the_same_length() -> None:
    suite = suite_of(0x1302)
    assert suite is not None
    once = next_secret(suite, bytes(48))
    assert len(once) == 48 and next_secret(suite, once) not in (once, bytes(48))
