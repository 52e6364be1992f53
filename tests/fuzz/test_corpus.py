"""Every harness of `fuzz/` over its stored corpus and a few hundred mutations of it, the same at every run."""

import importlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzz.engine import CORPUS
from fuzz.make_corpus import HARNESSES, write

MUTATIONS = {
    "capture": 150,
    "decode": 200,
    "framer": 800,
    "command": 1000,
    "dataset": 500,
    "dimse": 1000,
    "pipeline": 100,
    "tls": 800,
    "keylog": 1000,
    "session": 200,
}
INTERESTING = (b"\0", b"\xff", b"\xff" * 4, b"\x7f\xff", b"\0\0\0\0", b"\1", b"\x80", b"\xfe\xff\0\xe0")
each_harness = pytest.mark.parametrize("name", HARNESSES)


def invariant(name: str) -> Callable[[bytes], None]:
    checked: Callable[[bytes], None] = importlib.import_module(f"fuzz.fuzz_{name}").invariant
    return checked


def mutated(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """One to four of the changes a fuzzer makes."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(changed) + 1), rng.randint(1, 16)
        match rng.randrange(6):
            case 0:
                del changed[at : at + length]
            case 1:
                changed[at:at] = rng.randbytes(length)
            case 2:
                value = rng.choice(INTERESTING)
                changed[at : at + len(value)] = value
            case 3:
                changed[at:at] = changed[at : at + 4 * length]
            case 4:
                changed[at:] = other[rng.randrange(len(other)) :]
            case _:
                if at < len(changed):
                    changed[at] ^= 1 << rng.randrange(8)
    return bytes(changed)


@each_harness
def test_the_invariant_is_one_sentence(name: str) -> None:
    sentence = invariant(name).__doc__ or ""
    assert sentence.count(".") == 1 and sentence.endswith(".") and "\n" not in sentence


@each_harness
def test_the_invariant_holds_on_the_corpus(name: str) -> None:
    seeds = sorted((CORPUS / name).iterdir())
    assert len(seeds) >= 8
    for seed in seeds:
        invariant(name)(seed.read_bytes())


@each_harness
def test_the_invariant_holds_on_mutations_of_the_corpus(name: str) -> None:
    seeds, rng = [seed.read_bytes() for seed in sorted((CORPUS / name).iterdir())], random.Random(name)
    for _ in range(MUTATIONS[name]):
        data = mutated(rng.choice(seeds), rng.choice(seeds), rng)
        try:
            invariant(name)(data)
        except Exception as error:
            error.add_note(f"broken by bytes.fromhex({data.hex()!r})")
            raise


@each_harness
def test_nothing_and_a_single_byte_are_inputs_too(name: str) -> None:
    for data in (b"", *(bytes([value]) for value in range(0, 256, 5))):
        invariant(name)(data)


def test_the_script_makes_the_same_seeds_every_time(tmp_path: Path) -> None:
    """What is stored may be older than the forge, and holds what fuzzing found besides."""
    made = []
    for directory in (tmp_path / "first", tmp_path / "again"):
        write(directory)
        made.append({p.relative_to(directory): p.read_bytes() for p in directory.rglob("*") if p.is_file()})
    assert made[0] == made[1]
    assert all((CORPUS / path).is_file() for path in made[0])


def test_the_corpus_is_small() -> None:
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 1_000_000
