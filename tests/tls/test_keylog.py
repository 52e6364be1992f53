"""Key logs as programs write them, cut off, mixed with other lines; and private keys."""

from pathlib import Path

import pytest

from dicomsniff.tls.keylog import KeyFileError, Keys, read_key_log, read_server_key
from tests.tls.handshaking import DATA

RANDOM, OTHER = "ab" * 32, "cd" * 32
LINES = f"""# made by a browser
CLIENT_RANDOM {RANDOM} {"11" * 48}
SERVER_TRAFFIC_SECRET_0 {OTHER} {"22" * 32}
CLIENT_TRAFFIC_SECRET_0 {OTHER} {"33" * 32}
EXPORTER_SECRET {OTHER} {"44" * 32}
"""


def test_secrets_are_found_by_the_random_of_the_client() -> None:
    keys = Keys()
    assert keys.learn(LINES.encode()) == 3
    assert keys.of(bytes.fromhex(RANDOM)) == {"CLIENT_RANDOM": b"\x11" * 48}
    assert set(keys.of(bytes.fromhex(OTHER))) == {"SERVER_TRAFFIC_SECRET_0", "CLIENT_TRAFFIC_SECRET_0"}
    assert keys.of(bytes(32)) == {}


@pytest.mark.parametrize(
    "line",
    [
        f"CLIENT_RANDOM {RANDOM} 1122",
        f"CLIENT_RANDOM {RANDOM[:-2]} {'11' * 48}",
        f"CLIENT_RANDOM {RANDOM} {'1' * 95}",
        f"CLIENT_RANDOM {RANDOM}",
        f"CLIENT_RANDOM {RANDOM} {'zz' * 48}",
        "\x00\xff\xfe",
        "CLIENT_RANDOM é é",
    ],
)
def test_lines_that_are_cut_off_or_no_secrets_are_passed_over(line: str) -> None:
    keys = Keys()
    assert keys.learn(line.encode("utf-8")) == 0 and not keys


def test_keys_do_not_show_their_secrets() -> None:
    keys = Keys()
    keys.learn(LINES.encode())
    assert repr(keys) == "Keys(2 sessions, 0 server keys)" and "11" * 4 not in str(keys)


def test_a_key_log_is_read_and_what_is_none_is_refused(tmp_path: Path) -> None:
    log, text = tmp_path / "keys.log", tmp_path / "notes.txt"
    log.write_text(LINES)
    text.write_text("nothing of the kind")
    assert read_key_log(log) == LINES.encode()
    with pytest.raises(KeyFileError, match=r"notes\.txt is no TLS key log"):
        read_key_log(text)


def test_a_private_key_is_read_from_pem_and_der_and_a_certificate_is_refused(tmp_path: Path) -> None:
    der = read_server_key(DATA / "rsa.key")
    again = tmp_path / "rsa.der"
    again.write_bytes(der)
    assert read_server_key(again) == der
    with pytest.raises(KeyFileError, match=r"rsa\.pem holds no private key"):
        read_server_key(DATA / "rsa.pem")
