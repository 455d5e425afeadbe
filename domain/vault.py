"""Phones and ID numbers at rest: sealed with AES-GCM, found again through a blind index."""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Invalid

NONCE_BYTES = 12


class DataKeysInvalid(Invalid):
    """WUYE_DATA_KEYS cannot be read, or lacks the key a value was sealed with."""

    code = "data_keys_invalid"


@dataclass(frozen=True)
class DataKey:
    """One key: a short id, kept beside every value sealed with it, and 32 bytes."""

    id: str
    secret: bytes

    @cached_property
    def cipher(self) -> AESGCM:
        """What seals and opens with this key."""
        return AESGCM(self.secret)

    @cached_property
    def index(self) -> hmac.HMAC:
        """Keyed with a key of its own, so that index values say nothing about ciphertexts."""
        return hmac.new(hmac.digest(self.secret, b"wuye blind index", "sha256"), digestmod="sha256")


class Vault:
    """Seals, opens and blinds person data. The first key is current; older ones still open."""

    def __init__(self, keys: list[DataKey]) -> None:
        if not keys:
            raise DataKeysInvalid("没有配置数据密钥（WUYE_DATA_KEYS）")
        self._keys = {key.id: key for key in keys}
        if len(self._keys) < len(keys):
            raise DataKeysInvalid("数据密钥的编号重复了，每把密钥要有自己的编号")
        self._current = keys[0]

    @classmethod
    def from_setting(cls, text: str) -> "Vault":
        """Read `id:base64,id:base64`, newest first."""
        return cls([_read_key(part) for part in text.split(",") if part.strip()])

    def seal(self, plain: str) -> bytes:
        """Encrypt with the current key: `id NUL nonce ciphertext`."""
        return self.seal_bytes(plain.encode())

    def seal_bytes(self, plain: bytes) -> bytes:
        """`seal` for a file."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        key = self._current
        head = key.id.encode()
        return head + b"\0" + nonce + key.cipher.encrypt(nonce, plain, head)

    def open(self, sealed: bytes) -> str:
        """Decrypt what any known key sealed; a forged or foreign value is refused."""
        return self.open_bytes(sealed).decode()

    def open_bytes(self, sealed: bytes) -> bytes:
        """`open` for a file."""
        head, _, rest = bytes(sealed).partition(b"\0")
        key = self._keys.get(head.decode(errors="replace"))
        if key is None:
            raise DataKeysInvalid("缺少解密这条数据所需的旧密钥")
        try:
            return key.cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], head)
        except (InvalidTag, ValueError) as error:  # ValueError: cut short
            raise DataKeysInvalid("数据与密钥不符，可能被改动过") from error

    def blind(self, plain: str) -> bytes:
        """The index value under the current key: equal texts give equal bytes, nothing more."""
        return _blind(self._current, plain)

    def blinds(self, plain: str) -> list[bytes]:
        """Index values under every key, to search while a rotation is under way."""
        return [_blind(key, plain) for key in self._keys.values()]

    def is_current(self, sealed: bytes) -> bool:
        """Whether a value is sealed with the current key; rotation re-seals the others."""
        return bytes(sealed).startswith(self.current_head)

    @property
    def current_head(self) -> bytes:
        """How everything begins that the current key sealed."""
        return self._current.id.encode() + b"\0"

    @property
    def key_ids(self) -> list[str]:
        """The ids of all keys, the current one first."""
        return list(self._keys)

    def new_entry(self) -> str:
        """A fresh `id:base64` entry whose id, `k<number>`, no known key has."""
        numbers = [int(key[1:]) for key in self._keys if re.fullmatch(r"k[0-9]+", key)]
        return new_key_setting(f"k{max(numbers, default=0) + 1}")


def new_key_setting(key_id: str = "k1") -> str:
    """A fresh `id:base64` entry for WUYE_DATA_KEYS."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _read_key(part: str) -> DataKey:
    key_id, _, encoded = part.strip().partition(":")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise DataKeysInvalid("数据密钥不是有效的 base64") from error
    if not key_id or len(secret) != 32:
        raise DataKeysInvalid("数据密钥应为 编号:base64(32 字节)")
    return DataKey(key_id, secret)


def _blind(key: DataKey, plain: str) -> bytes:
    keyed = key.index.copy()
    keyed.update(plain.encode())
    return keyed.digest()
