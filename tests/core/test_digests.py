"""`core.digests` has the function of `hashlib`."""

import hashlib

from dicomsniff.core.digests import blake2b


def test_it_is_the_function_of_the_standard_library() -> None:
    ours, theirs = (make(b"words", key=b"key", digest_size=16) for make in (blake2b, hashlib.blake2b))
    assert ours.hexdigest() == theirs.hexdigest()
