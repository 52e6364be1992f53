"""Which settings file holds for a folder."""

from pathlib import Path

from dicomsniff.rules.configuration.nearest import nearest_file


def test_the_nearest_file_upwards_counts(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "dicomsniff.toml").write_text("")
    assert nearest_file(deep) == (tmp_path / "dicomsniff.toml").resolve()
    (deep / "dicomsniff.toml").write_text("")
    assert nearest_file(deep) == (deep / "dicomsniff.toml").resolve()
