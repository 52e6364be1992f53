"""A harness's module name in, a run of atheris on its invariant out; every option of libFuzzer may be given."""

import importlib
import sys
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
_MEMORY = "-rss_limit_mb=16000"
"""An instrumented comparison of numpy arrays never frees its result (atheris 3.0): up to 400 MB a minute."""


def run(module: str) -> None:
    """Fuzz `invariant` of this module until something breaks it, starting from its corpus.

    New inputs go to the first directory named on the command line, as libFuzzer does; where none is named they are
    not kept. Exits with one line where atheris is not installed.
    """
    try:
        import atheris
    except ImportError:
        sys.exit("fuzzing needs atheris: pip install atheris (Linux); the corpus alone is run by pytest tests/fuzz")
    for name in [name for name in sys.modules if name.partition(".")[0] in ("dicomsniff", "tests")]:
        del sys.modules[name]  # loaded without instrumentation
    with atheris.instrument_imports(include=["dicomsniff"]):
        harness = importlib.import_module(module)
    seeds = CORPUS / module.rpartition("fuzz_")[2]
    atheris.Setup([sys.argv[0], _MEMORY, *sys.argv[1:], str(seeds)], harness.invariant)
    atheris.Fuzz()
