"""A key log that grows: every secret is read once it is whole, whatever becomes of the file."""

import os
from pathlib import Path
from unittest.mock import patch

from dicomsniff.live import keys as module
from dicomsniff.live.keys import GrowingKeys


def line(label: str, session: int) -> str:
    return f"{label} {session:064x} {'ab' * 48}\n"


def known(session: int) -> bytes:
    return session.to_bytes(32, "big")


def test_what_is_added_is_read_and_a_line_only_when_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "keys.log"
    keys = GrowingKeys(log)
    assert keys and keys.refresh() == 0, "it is not there yet"
    first = line("CLIENT_RANDOM", 1)
    log.write_text(first[:80])
    assert keys.refresh() == 0 and not keys.enough(known(1))
    log.write_text(first + "nonsense\n" + line("CLIENT_RANDOM", 2))
    assert keys.refresh() == 2 and keys.enough(known(1)) and keys.enough(known(2)) and keys.refresh() == 0


def test_a_session_of_tls_1_3_needs_the_secrets_of_both_sides(tmp_path: Path) -> None:
    log = tmp_path / "keys.log"
    keys = GrowingKeys(log)
    for label, enough in (
        ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", False), ("CLIENT_TRAFFIC_SECRET_0", False), ("SERVER_TRAFFIC_SECRET_0", True),
    ):  # fmt: skip
        with log.open("a") as file:
            file.write(line(label, 3))
        assert keys.refresh() == 1 and keys.enough(known(3)) is enough


def test_a_file_that_is_begun_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    log, other = tmp_path / "keys.log", tmp_path / "other.log"
    log.write_text(line("CLIENT_RANDOM", 1) * 2)
    keys = GrowingKeys(log)
    keys.refresh()
    log.write_text(line("CLIENT_RANDOM", 2))
    assert keys.refresh() == 1 and keys.enough(known(2)) and keys.enough(known(1))
    other.write_text(line("CLIENT_RANDOM", 3))
    os.replace(other, log)
    assert keys.refresh() == 1 and keys.enough(known(3))


def test_the_latest_sessions_are_kept_and_nothing_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "keys.log"
    log.write_text("".join(line("CLIENT_RANDOM", n) for n in range(10)))
    keys = GrowingKeys(log)
    with patch.object(module, "SESSIONS", 4):
        keys.refresh()
    assert [keys.enough(known(n)) for n in range(10)] == [False] * 6 + [True] * 4 and "ab" not in repr(keys)


def test_the_key_of_a_server_is_enough() -> None:
    keys = GrowingKeys(None, (b"a key",))
    assert keys.refresh() == 0 and keys.enough(known(1))
