"""The documentation says what is true."""

import re
import tomllib
from pathlib import Path

from dicomsniff.association.values import Traffic
from dicomsniff.rules.configuration.settings_file import KEYS, parse
from dicomsniff.rules.runner import judge
from docs import rule_pages
from tests.forge.traffic import TrafficForge
from tests.rules.made_up import PAGE

DOCS = Path(__file__).parent.parent / "docs"


def block(name: str, language: str) -> str:
    """The first code block of a language in a document."""
    found = re.search(rf"```{language}\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_of_a_settings_file_is_accepted(tmp_path: Path) -> None:
    document = tomllib.loads(block("configuration.md", "toml"))
    (tmp_path / "dcmqrscp.cfg").write_text("HostTable BEGIN\na = (A, host, 104)\nHostTable END\n")
    (tmp_path / "orthanc.json").write_text('{"DicomModalities": {}}')
    assert set(document) == set(KEYS)
    assert [ae.host for ae in parse(document, tmp_path).known_aes] == ["10.0.0.2", "10.0.0.3", "10.0.0.9", "host"]


def test_the_example_of_a_rule_runs() -> None:
    scope: dict[str, object] = {"__doc__": PAGE}
    source = block("writing-rules.md", "python")
    assert len([line for line in source.splitlines() if line.strip()]) <= 10
    exec(source, scope)
    judged = judge(_traffic("ACME"), rules=(scope["RULE"],))  # type: ignore[arg-type]
    assert [f.rule for f in judged.findings] == ["ACME-001"]
    assert not judge(_traffic("CT01"), rules=(scope["RULE"],)).findings  # type: ignore[arg-type]


def test_the_pages_of_the_rules_are_what_their_docstrings_and_the_samples_say() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in rule_pages.PAGES.glob("*.md")}
    wanted = rule_pages.pages()
    old = sorted(name for name in wanted.keys() | written.keys() if written.get(name) != wanted.get(name))
    assert not old, (
        f"docs/rules is not current ({', '.join(old)}): run `python -m docs.rule_pages` and commit what it writes"
    )


def _traffic(calling: str) -> Traffic:
    forge = TrafficForge()
    forge.association(calling=calling)
    return forge.traffic()
