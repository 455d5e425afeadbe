"""What a cashier searched for, sealed for the address bar: names stay out of URLs and logs."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from domain.errors import NotFound
from gateway.settings import Settings

PURPOSE = b"wuye desk search"


def sealed(config: Settings, words: str) -> str:
    """The words as an opaque token."""
    return _box(config).encrypt(words.encode()).decode()


def opened(config: Settings, token: str) -> str:
    """The words again, or NotFound for what is not a token of ours."""
    try:
        return _box(config).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise NotFound("这个查询地址不完整，请重新查询") from error


def _box(config: Settings) -> Fernet:
    assert config.secret_key is not None  # nobody is signed in without one
    secret = config.secret_key.get_secret_value().encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(PURPOSE + b"\0" + secret).digest()))
