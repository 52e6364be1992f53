"""BLAKE2 as `hashlib` has it, without the OpenSSL that `hashlib` loads: that takes as long as to read a small capture."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import blake2b as blake2b
else:
    try:
        from _blake2 import blake2b
    except ImportError:  # a Python that is built in another way
        from hashlib import blake2b  # noqa: F401
