"""Plays the scenarios into a folder: `python -m bench.attribution OUT [NAME …]`; `--table` also measures what is there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from bench.attribution.hosts import Hosts
from bench.attribution.scenarios import SCENARIOS, Scenario, make_objects
from bench.attribution.table import table


def main(arguments: Sequence[str] | None = None) -> None:
    """Play, then measure."""
    parser = argparse.ArgumentParser(prog="bench.attribution", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--table", type=Path, help="only measure what was played before; write the table there")
    options = parser.parse_args(arguments)
    out: Path = options.out
    if options.table is None:
        make_objects(out / "objects")
        for scenario in SCENARIOS:
            if not options.names or scenario.name in options.names:
                print(scenario.name, _played(scenario, out), flush=True)
    else:
        text = table(out, options.names)
        options.table.write_text(text, encoding="utf-8")
        print(text)


def _played(scenario: Scenario, out: Path) -> float | None:
    with Hosts(out, scenario.name, scenario.way, scenario.receive_buffer) as hosts:
        injected = scenario.play(hosts, out / "objects")
    (out / f"{scenario.name}.json").write_text(json.dumps({"injected_ms": injected}), encoding="utf-8")
    return injected


if __name__ == "__main__":
    main()
