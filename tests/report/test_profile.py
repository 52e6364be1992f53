"""The profile of PS3.15: every row of its table, compared with the table as another project keeps it."""

import importlib.util
from pathlib import Path

import pytest

from dicomsniff.report.profile import is_protected, is_protected_keyword

LIBRARY = importlib.util.find_spec("dicomanonymizer")


@pytest.mark.skipif(LIBRARY is None, reason="dicom-anonymizer, which keeps the table too, is not installed")
def test_every_attribute_of_the_table_is_protected() -> None:
    tags = _tags_of_the_library()
    assert len(tags) > 600
    missing = [f"{tag:08X}" for tag in tags if not is_protected(tag)]
    assert missing == []


def _tags_of_the_library() -> list[int]:
    """Read alone: the package around it imports what this test does not need."""
    assert LIBRARY is not None and LIBRARY.submodule_search_locations
    path = Path(LIBRARY.submodule_search_locations[0], "dicom_anonymization_databases", "dicomfields_2026c.py")
    spec = importlib.util.spec_from_file_location("dicomfields", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tags: list[tuple[int, ...]] = module.ALL_TAGS
    return [tag[0] << 16 | tag[1] for tag in tags]


@pytest.mark.parametrize("tag", [0x50000010, 0x50102500, 0x60003000, 0x60224000])
def test_curves_and_overlays_of_every_group_are_protected(tag: int) -> None:
    assert is_protected(tag)


@pytest.mark.parametrize("tag", [0x60000010, 0x00280010, 0x00080060, 0x00080016, 0x7FE00010, 0x00100000])
def test_what_says_nothing_of_a_person_is_not(tag: int) -> None:
    assert not is_protected(tag)


def test_a_keyword_is_judged_as_its_element_is() -> None:
    assert is_protected_keyword("PatientBirthDate") and is_protected_keyword("NoSuchKeyword")
    assert not is_protected_keyword("Modality") and not is_protected_keyword("StudyInstanceUID")
