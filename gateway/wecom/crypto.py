"""WeCom's callback scheme: verify first, then decrypt, and believe nothing that came in.

wechatpy's version compares signatures in variable time, does not check the padding, and asserts
on a wrong key; here every refusal is typed and carries the number of WeCom's own crypto library.
The scheme gives no protection against replay: `check_fresh` keeps a time window, and whoever
answers callbacks remembers what was handled.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import ElementTree
from wechatpy.crypto.base import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder

from domain.errors import BackOfficeError

MAX_XML_BYTES = 256 * 1024
BLOCK = 32
HEAD = 20
FRESH = timedelta(minutes=5)
SKEW = timedelta(minutes=2)
"""How far WeCom's clock and ours may differ."""

_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class CallbackRefused(BackOfficeError):
    """A callback that is not accepted. `number` is the code of WeCom's own crypto library."""

    code = "callback_refused"
    number = 0


class BadSignature(CallbackRefused):
    """The signature does not fit: another token, or the data was changed on the way."""

    code, number = "signature_invalid", -40001


class BadXml(CallbackRefused):
    """Not the XML of a callback, too large, or with entities in it."""

    code, number = "xml_invalid", -40002


class BadAesKey(CallbackRefused):
    """The EncodingAESKey is not the 43 characters shown in the console."""

    code, number = "aes_key_invalid", -40004


class WrongReceiver(CallbackRefused):
    """Genuine, but meant for another corp."""

    code, number = "corp_id_mismatch", -40005


class CannotDecrypt(CallbackRefused):
    """The ciphertext is not whole, or was made with another key."""

    code, number = "decrypt_failed", -40007


class BadPlaintext(CallbackRefused):
    """Decrypted, but padding, length or text are not as the scheme says."""

    code, number = "plaintext_invalid", -40008


class Stale(CallbackRefused):
    """Signed too long ago, or in the future: perhaps somebody plays it back."""

    code, number = "callback_stale", -40001


@dataclass(frozen=True)
class Envelope:
    """An encrypted message with what proves it: a passive reply, or a callback in tests."""

    encrypt: str
    msg_signature: str
    timestamp: str
    nonce: str

    def xml(self) -> str:
        """The body of a passive reply."""
        return (
            f"<xml><Encrypt>{self.encrypt}</Encrypt>"
            f"<MsgSignature>{self.msg_signature}</MsgSignature>"
            f"<TimeStamp>{escape(self.timestamp)}</TimeStamp>"
            f"<Nonce>{escape(self.nonce)}</Nonce></xml>"
        )


def decrypt_callback(
    token: str,
    aes_key: str,
    corp_id: str,
    msg_signature: str,
    timestamp: str,
    nonce: str,
    encrypted: str,
) -> str:
    """The message inside `encrypted` (an echostr or the Encrypt of a body), or CallbackRefused."""
    key = _key(aes_key)
    expected = signature(token, timestamp, nonce, encrypted)
    if not hmac.compare_digest(_bytes(expected), _bytes(msg_signature)):
        raise BadSignature("签名不对：Token 与企业微信后台不一致，或内容被改动过")
    message, receiver = _opened(_unpadded(_decrypted(key, encrypted)))
    if not hmac.compare_digest(receiver, _bytes(corp_id)):
        raise WrongReceiver("这条回调不是发给本企业的：企业 ID 不一致")
    return message


def encrypt_callback(
    token: str,
    aes_key: str,
    corp_id: str,
    timestamp: str,
    nonce: str,
    message: str,
    *,
    salt: bytes | None = None,
) -> Envelope:
    """The other direction. `salt`: 16 bytes, random unless a test needs a known answer."""
    key, body = _key(aes_key), message.encode()
    head = (salt or secrets.token_bytes(16)) + len(body).to_bytes(4, "big")
    padded = PKCS7Encoder.encode(head + body + corp_id.encode())
    encrypt = base64.b64encode(WeChatCipher(key).encrypt(padded)).decode()
    return Envelope(encrypt, signature(token, timestamp, nonce, encrypt), timestamp, nonce)


def check_fresh(timestamp: str, at: datetime) -> None:
    """A callback is answered within seconds of its signing; `Stale` long after, or before it."""
    known = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11
    age = at - datetime.fromtimestamp(int(timestamp), UTC) if known else None
    if age is None or not -SKEW <= age <= FRESH + SKEW:
        raise Stale("回调的时间不对：太旧，或与本机时钟相差太多")


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """SHA-1 over the four texts in sorted order, in hex: the scheme's choice, not ours."""
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(_bytes(joined), usedforsecurity=False).hexdigest()


def encrypted_part(body: bytes) -> str:
    """The Encrypt of a callback body."""
    found = parse(body).findtext("Encrypt")
    if not found:
        raise BadXml("内容里没有 Encrypt 一项，不是企业微信的回调")
    return found.strip()


def parse(xml: bytes | str) -> Element:
    """A callback's XML as its root element: limited in size, no DTD, no entities, no fetching."""
    raw = _bytes(xml) if isinstance(xml, str) else xml
    if len(raw) > MAX_XML_BYTES:
        raise BadXml("回调内容太大")
    try:
        root: Element = ElementTree.fromstring(raw, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):  # entities and DTDs are ValueErrors here
        raise BadXml("回调内容不是有效的 XML") from None
    if root.tag != "xml":
        raise BadXml("回调内容不是企业微信的格式")
    return root


def _bytes(text: str) -> bytes:
    """UTF-8; bytes that were no text on a command line are a mismatch, not a crash."""
    return text.encode(errors="surrogatepass")


def _key(aes_key: str) -> bytes:
    if not _AES_KEY.fullmatch(aes_key):
        raise BadAesKey("EncodingAESKey 不对：应为后台显示的 43 位字母和数字")
    return base64.b64decode(f"{aes_key}=")


def _decrypted(key: bytes, encrypted: str) -> bytes:
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise CannotDecrypt("密文不是有效的 Base64，无法解密") from None
    if not sealed or len(sealed) % BLOCK:
        raise CannotDecrypt("密文长度不对，无法解密")
    return bytes(WeChatCipher(key).decrypt(sealed))


def _unpadded(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= BLOCK or padded[-count:] != bytes([count]) * count:
        raise BadPlaintext("解密后的内容不完整：EncodingAESKey 可能与后台不一致")
    return padded[:-count]


def _opened(content: bytes) -> tuple[str, bytes]:
    """Message and receiver out of 16 random bytes, 4 bytes of length, message, receiver."""
    size = int.from_bytes(content[HEAD - 4 : HEAD], "big")
    if len(content) < HEAD or HEAD + size > len(content):
        raise BadPlaintext("解密后的内容长度不对")
    try:
        return content[HEAD : HEAD + size].decode(), content[HEAD + size :]
    except UnicodeDecodeError:
        raise BadPlaintext("解密后的内容不是有效的文字") from None
