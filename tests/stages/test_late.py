"""`dicomsniff dump`: the flow at every room agrees with the rooms before and after."""

import json
from pathlib import Path
from typing import Any

import pytest

from dicomsniff.stages import STAGES
from tests.captures import real
from tests.cli.running import Shell, dialogue


def rows(shell: Shell, path: Path, stage: str, *more: str) -> list[dict[str, Any]]:
    done = shell("dump", path, "--stage", stage, "--json-lines", *more)
    assert (done.code, done.err) == (0, "")
    return [json.loads(line) for line in done.out.splitlines()]


@real.here
@pytest.mark.parametrize("name", ["echo_ok", "query_retrieve", "lossy_network"])
def test_each_room_passes_on_what_the_one_before_gave(shell: Shell, name: str) -> None:
    seen = {stage: rows(shell, real.capture(name), stage) for stage in STAGES}
    assert [row["packet"] for row in seen["packet"]] == list(range(1, len(seen["packet"]) + 1))
    assert {row["packet"] for row in seen["segment"]} <= {row["packet"] for row in seen["packet"]}
    streamed = sum(row["bytes"] for row in seen["stream"] if row["what"] == "bytes")
    assert streamed == sum(row["bytes"] for row in seen["pdu"])
    data = [row for row in seen["pdu"] if row["pdu"] == "P-DATA-TF"]
    assert sum(row["values"] for row in data) == len(seen["pdv"])
    assert sum(row["last"] for row in seen["pdv"] if row["kind"] == "command") == len(seen["message"])
    assert len(seen["exchange"]) == sum(row["exchanges"] for row in seen["association"])


def test_it_begins_at_the_packet_that_is_named(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0, 0xA700).save(tmp_path / "c.pcap")
    for stage in STAGES:
        every = rows(shell, path, stage)
        last = max(row.get("last_packet", row["packet"]) for row in every)
        some = rows(shell, path, stage, "--packet", str(last))
        assert 0 < len(some) <= len(every)
        assert all(row.get("last_packet", row["packet"]) >= last for row in some)
        assert rows(shell, path, stage, "--packet", "100000") == []


def test_lines_are_for_people(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0xA700).save(tmp_path / "c.pcap")
    done = shell("dump", path, "--stage", "message")
    assert "message=C-STORE-RSP  message_id=1" in done.out and "status=0xA700" in done.out
    assert "SYN" in shell("dump", path, "--stage", "segment").out
    assert "what=end" in shell("dump", path, "--stage", "stream").out
    assert "--stage" in shell.refused("dump", path)
