"""The process that decodes: what it is asked and answers, as lines of JSON and bytes."""

import io
import json

import pytest

from dicomsniff.dimse import preview_child

pytest.importorskip("PIL", reason="Pillow is not installed (extra [pixels])")


def test_it_answers_each_question_in_turn_until_the_input_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_child, "_bound", lambda: None)  # the memory of this process is the tests'
    question = json.dumps({"syntax": "1.2.840.10008.1.2.1", "length": 4}).encode() + b"\n\xff\xff\xff\xff"
    answers = io.BytesIO()
    preview_child.main(io.BytesIO(question * 2), answers)
    told = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert len(told) == 2 and all(set(one) == {"reason"} for one in told)


def test_the_reason_quotes_nothing_of_the_data_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(data: bytes, syntax: str) -> None:
        raise ValueError("patient Doe^John")

    monkeypatch.setattr(preview_child, "_bound", lambda: None)
    monkeypatch.setattr(preview_child, "paint", fails)
    answers = io.BytesIO()
    preview_child.main(io.BytesIO(b'{"syntax": "", "length": 0}\n'), answers)
    assert json.loads(answers.getvalue()) == {"reason": "cannot be decoded (ValueError)"}
