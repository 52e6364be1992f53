"""Plays the scenarios into a folder: `python -m bench.attribution OUT [NAME …]`; `--table` also measures what is there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from bench.attribution.hosts import Constants, Hosts
from bench.attribution.scenarios import SCENARIOS, Scenario, make_objects
from bench.attribution.table import components, table
from dicomsniff.api import analyze

TRIES = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Play, then measure."""
    parser = argparse.ArgumentParser(prog="bench.attribution", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--table", type=Path, help="only measure what was played before; write the table there")
    for each in fields(Constants):
        parser.add_argument(f"--{each.name}", type=type(each.default), default=each.default, help="see `Constants`")
    options = parser.parse_args(arguments)
    out: Path = options.out
    if options.table is None:
        constants = Constants(*(getattr(options, each.name) for each in fields(Constants)))
        make_objects(out / "objects", constants.length)
        for scenario in SCENARIOS:
            if not options.names or scenario.name in options.names:
                print(scenario.name, _played(scenario, out, constants), flush=True)
    else:
        text = table(out, options.names)
        options.table.write_text(text, encoding="utf-8")
        print(text)


def _played(scenario: Scenario, out: Path, constants: Constants) -> float | None:
    """Each is played several times, and that of medium length kept: others are measured by it, or it by another."""
    tries = [_once(scenario, out, constants, f"{scenario.name}.{n}") for n in range(TRIES)]
    kept = sorted(tries, key=lambda each: each[0])[len(tries) // 2]
    for _, name, _ in tries:
        for path in out.glob(f"{name}_*.pcap"):
            if name == kept[1]:
                path.rename(out / path.name.replace(name, scenario.name))
            else:
                path.unlink()
    (out / f"{scenario.name}.json").write_text(json.dumps({"injected_ms": kept[2]}), encoding="utf-8")
    return kept[2]


def _once(scenario: Scenario, out: Path, constants: Constants, name: str) -> tuple[float, str, float | None]:
    with Hosts(out, name, scenario.way, scenario.receive_buffer, constants) as hosts:
        injected = scenario.play(hosts, out / "objects")
    return components(analyze(out / f"{name}_client.pcap"))["total"], name, injected


if __name__ == "__main__":
    main()
