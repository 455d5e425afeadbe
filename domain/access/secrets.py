"""What browsers and programs hold: long random words, of which we keep only the hash."""

import hashlib
import secrets

BYTES = 32


def fresh() -> str:
    """A new secret, 256 bits, fit for a cookie or an address."""
    return secrets.token_urlsafe(BYTES)


def hashed(secret: str) -> bytes:
    """What we keep of it. Long random words need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
