"""The door to `cryptography`, imported only where a connection is to be decrypted; the extra `tls` brings it."""

from __future__ import annotations

from dicomsniff.tls.keylog import KeyFileError

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
except ImportError as error:
    raise KeyFileError("decrypting TLS needs the package cryptography: pip install 'dicomsniff[tls]'") from error

__all__ = [
    "AESCCM",
    "AESGCM",
    "ChaCha20Poly1305",
    "Cipher",
    "InvalidTag",
    "algorithms",
    "modes",
    "padding",
    "rsa",
    "serialization",
]
