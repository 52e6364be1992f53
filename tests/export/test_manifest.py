"""The manifest is what the standard encoder writes."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.export.manifest import manifest

scalars = st.none() | st.booleans() | st.integers() | st.text()
values = scalars | st.lists(scalars | st.tuples(st.integers(), st.integers()), max_size=3).map(tuple)
rows = st.lists(st.dictionaries(st.text(max_size=8), values, max_size=5), max_size=4)


@given(st.dictionaries(st.text(max_size=8).filter(lambda name: not name.startswith("schema")), rows, max_size=3))
def test_every_section_and_row_is_as_the_standard_encoder_writes_it(sections: dict[str, list[dict[str, Any]]]) -> None:
    document = {"schema": "dicomsniff-manifest", "schema_version": 1, **sections}
    assert b"".join(manifest(sections)).decode() == json.dumps(document, indent=1)


def test_a_value_with_what_separates_values_stays_as_it_is() -> None:
    row = {"notes": ("the command announced, the data set says: no",), "file": 'a,\n   "b": {c}', "none": ()}
    [read] = json.loads(b"".join(manifest({"objects": [row]})))["objects"]
    assert read == {"notes": list(row["notes"]), "file": row["file"], "none": []}
