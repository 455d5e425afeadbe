"""WeCom's callback encryption: AES-256-CBC with the key's head as IV, SHA-1 over sorted texts."""

import base64
import binascii
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
SALT = 16


class Unreadable(Exception):
    """What was to be opened is not a whole envelope."""


def key_of(aes_key: str) -> bytes:
    """The 32 bytes behind the 43 characters. Raises ValueError."""
    try:
        key = base64.b64decode(aes_key + "=", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(aes_key) != 43 or len(key) != 32:
        raise ValueError("not 43 characters")
    return key


def cipher(aes_key: str) -> Cipher[modes.CBC]:
    """AES-256-CBC as the scheme sets it up."""
    key = key_of(aes_key)
    return Cipher(algorithms.AES256(key), modes.CBC(key[:16]))


def seal(aes_key: str, receiver: str, message: str) -> str:
    """16 random bytes, the length of the message, the message, the receiver; padded, encrypted."""
    body = message.encode()
    content = secrets.token_bytes(SALT) + len(body).to_bytes(4, "big") + body + receiver.encode()
    padding = BLOCK - len(content) % BLOCK
    encryptor = cipher(aes_key).encryptor()
    sealed = encryptor.update(content + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def unseal(aes_key: str, sealed: str) -> tuple[str, str]:
    """(message, receiver). Raises Unreadable."""
    decryptor = cipher(aes_key).decryptor()
    try:
        padded = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        content = padded[: -padded[-1]]
        if padded != content + bytes([padded[-1]]) * padded[-1]:
            raise Unreadable("padding")
        end = SALT + 4 + int.from_bytes(content[SALT : SALT + 4], "big")
        if len(content) < max(end, SALT + 4):
            raise Unreadable("length")
        return content[SALT + 4 : end].decode(), content[end:].decode()
    except (ValueError, IndexError) as error:
        raise Unreadable(str(error)) from error


def signature(token: str, timestamp: str, nonce: str, sealed: str) -> str:
    """msg_signature."""
    joined = "".join(sorted((token, timestamp, nonce, sealed)))
    return hashlib.sha1(joined.encode()).hexdigest()
