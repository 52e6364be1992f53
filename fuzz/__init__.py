"""One harness per parser: bytes of a fuzzer in, an invariant that no bytes may break; `python -m fuzz.fuzz_NAME` runs it.

Each harness has a seed corpus in `corpus/NAME`, which `python -m fuzz.make_corpus` writes anew. Coverage-guided runs
need atheris (`pip install dicomsniff[dev]` on Linux); the corpus itself is run by the tests, without it.
"""
