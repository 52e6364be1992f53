"""How records of a cipher suite are protected."""

import pytest

from dicomsniff.tls.suites import Suite, suite_of


@pytest.mark.parametrize(
    ("number", "suite"),
    [
        (0x1301, Suite("gcm", 16, "sha256")),
        (0x1302, Suite("gcm", 32, "sha384")),
        (0x1303, Suite("chacha", 32, "sha256")),
        (0x1305, Suite("ccm", 16, "sha256", tag=8)),
        (0xC02F, Suite("gcm", 16, "sha256")),
        (0xCCA8, Suite("chacha", 32, "sha256")),
        (0x009D, Suite("gcm", 32, "sha384", rsa=True)),
        (0x002F, Suite("cbc", 16, "sha256", "sha1", 20, rsa=True)),
        (0x003D, Suite("cbc", 32, "sha256", "sha256", 32, rsa=True)),
        (0xC028, Suite("cbc", 32, "sha384", "sha384", 48)),
        (0xC09C, Suite("ccm", 16, "sha256", rsa=True)),
    ],
)
def test_what_the_name_says(number: int, suite: Suite) -> None:
    assert suite_of(number) == suite


@pytest.mark.parametrize("number", [0x0000, 0x0002, 0x0005, 0x000A, 0x1234])
def test_suites_that_are_not_opened(number: int) -> None:
    assert suite_of(number) is None
