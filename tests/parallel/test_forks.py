"""A copy of this process does a task."""

import os
from dataclasses import replace
from functools import partial

import pytest

from dicomsniff.core import LIMITS
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.forks import POSSIBLE, Fork

pytestmark = pytest.mark.skipif(not POSSIBLE, reason="this system cannot copy a process safely")


def _who(facts: list[int]) -> tuple[int, int]:
    facts.append(1)
    return os.getpid(), sum(facts)


def _dying(here: int) -> str:
    if os.getpid() != here:
        os._exit(1)
    return "done here"


def test_a_copy_has_the_facts_and_does_not_change_those_of_this_process() -> None:
    facts = [1, 2]
    task = Fork(partial(_who, facts))
    who, total = task.answer()
    task.end()
    assert who != os.getpid()
    assert (total, facts) == (4, [1, 2])


def test_what_a_copy_that_died_was_at_is_done_here() -> None:
    task = Fork(partial(_dying, os.getpid()))
    assert task.answer() == "done here"
    task.end()


def test_what_the_task_raises_is_raised_here() -> None:
    task = Fork(partial(int, "no number"))
    with pytest.raises(ValueError, match="no number"):
        task.answer()
    task.end()


def test_a_task_that_nobody_waits_for_is_ended() -> None:
    import time

    task = Fork(partial(time.sleep, 600))
    task.end()
    assert not task._process.is_alive()


def test_a_copy_does_not_move_in_the_file_of_payloads_of_which_it_shares_the_place() -> None:
    with PayloadStore(replace(LIMITS, payload_memory_bytes=8)) as store:
        store.append(b"abcdefghijkl")
        assert store._file is not None
        before = store._file.tell()
        other = Fork(partial(store.read, 4, 4))
        assert other.answer() == b"efgh"
        assert store._file.tell() == before
        other.end()
