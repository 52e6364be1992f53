"""dicomsniff.toml."""

import tomllib
from pathlib import Path

import pytest

from dicomsniff.rules.configuration import Configuration, ConfigurationError
from dicomsniff.rules.configuration.settings_file import parse, read
from dicomsniff.rules.finding import Severity
from dicomsniff.rules.known_aes import KnownAe
from dicomsniff.rules.rule import Thresholds

WHOLE = """
select = ["DS-ASSOC", "DS-TCP-002"]
ignore = ["DS-ASSOC-012"]
ae_tables = ["orthanc.json"]

[thresholds]
assoc_wait_error = 60
syn_wait_count = 5

[severity]
"DS-ASSOC-012" = "note"
connection-timeout = "warning"

[[ae]]
title = "PACS"
hosts = ["10.0.0.2", "10.0.0.3"]
port = 104

[[ae]]
title = "CT01"
host = "10.0.0.9"
"""


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "orthanc.json").write_text('{"DicomModalities": {"a": ["WS", "10.0.0.5", 4242]}}')
    (tmp_path / "dicomsniff.toml").write_text(WHOLE)
    assert read(tmp_path / "dicomsniff.toml") == Configuration(
        Thresholds(assoc_wait_error=60.0, syn_wait_count=5),
        {"DS-ASSOC-012": Severity.NOTE, "DS-TCP-002": Severity.WARNING},
        ("DS-ASSOC", "DS-TCP-002"),
        ("DS-ASSOC-012",),
        (
            KnownAe("PACS", "10.0.0.2", 104),
            KnownAe("PACS", "10.0.0.3", 104),
            KnownAe("CT01", "10.0.0.9", None),
            KnownAe("WS", "10.0.0.5", 4242),
        ),
    )


def test_an_empty_file_changes_nothing() -> None:
    assert parse({}, Path()) == Configuration()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("treshold = 1", "no key treshold; did you mean thresholds"),
        (
            "[thresholds]\nassoc_wait_eror = 1",
            r"no key thresholds.assoc_wait_eror; did you mean thresholds.assoc_wait_error",
        ),
        ('[thresholds]\nsyn_wait = "3"', "thresholds.syn_wait must be a number"),
        ("[thresholds]\nsyn_wait_count = 1.5", "a whole number"),
        ("[thresholds]\nsyn_wait = nan", "a number"),
        ("[thresholds]\nsyn_wait = -1", "0 or more"),
        ('[severity]\n"DS-TCP-001" = "eror"', "did you mean error"),
        ('[severity]\n"DS-ASOC-001" = "error"', "DS-ASOC-001.*did you mean DS-ASSOC-001"),
        ('ignore = ["DS-NONE-001"]', "no rule is called 'DS-NONE-001'"),
        ('ignore = "DS-TCP"', "a list of strings"),
        ('[[ae]]\ntitel = "X"', "ae.titel; did you mean ae.title"),
        ('[[ae]]\nhost = "x"', "needs a title"),
        ('[[ae]]\ntitle = "X"', "needs host"),
        ('[[ae]]\ntitle = "X"\nhost = "y"\nport = 0', "port"),
        ("thresholds = 3", "must be a table"),
        ("ae = 3", "list of tables"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_nearest_right_one(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        parse(tomllib.loads(text), Path())


def test_the_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "dicomsniff.toml"
    path.write_text("select = [")
    with pytest.raises(ConfigurationError, match=r"dicomsniff\.toml: "):
        read(path)


def test_a_missing_table_is_an_error_of_the_file_system(tmp_path: Path) -> None:
    path = tmp_path / "dicomsniff.toml"
    path.write_text('ae_tables = ["none.cfg"]')
    with pytest.raises(FileNotFoundError):
        read(path)
