"""How many processors there are."""

import os

from dicomsniff.core.cores import cores


def test_there_is_at_least_one_and_not_more_than_the_machine_has() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
