"""The callback scheme: published vectors, round trips, and everything that must be refused."""

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.work.crypto import WeChatCrypto

from gateway.wecom import crypto
from gateway.wecom.crypto import (
    BadAesKey,
    BadPlaintext,
    BadSignature,
    BadXml,
    CallbackRefused,
    CannotDecrypt,
    Envelope,
    WrongReceiver,
)

# Published with the description of the scheme; not a secret of anybody.
TOKEN, CORP = "QDG6eK", "wx5823bf96d3bd56c7"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
ECHO = Envelope(
    "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
    "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "1409659589",
    "263014780",
)
TEXT = Envelope(
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3Qczcd"
    "CUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4"
    "Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+"
    "KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4X"
    "XZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGH"
    "BZZIs2pDBS8R07+qN+E7Q==",
    "477715d11cdb4164915debcba66cb864d751f3e6",
    "1409659813",
    "1372623149",
)


def opened(sealed: Envelope, *, token: str = TOKEN, key: str = KEY, corp: str = CORP) -> str:
    return crypto.decrypt_callback(
        token, key, corp, sealed.msg_signature, sealed.timestamp, sealed.nonce, sealed.encrypt
    )


def signed(encrypt: str) -> Envelope:
    return Envelope(encrypt, crypto.signature(TOKEN, "1", "n", encrypt), "1", "n")


def sealed_raw(plaintext: bytes) -> Envelope:
    """Encrypt any bytes, padded or not, and sign them rightly."""
    key = base64.b64decode(KEY + "=")
    box = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return signed(base64.b64encode(box.update(plaintext) + box.finalize()).decode())


def test_the_published_address_check_opens() -> None:
    assert opened(ECHO) == "1616140317555161061"


def test_the_published_message_opens() -> None:
    root = crypto.parse(opened(TEXT))
    assert (root.findtext("FromUserName"), root.findtext("Content")) == ("mycreate", "hello")


def test_the_published_message_is_made_again_from_its_own_random_bytes() -> None:
    key = base64.b64decode(KEY + "=")
    box = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    salt = box.update(base64.b64decode(TEXT.encrypt))[:16]
    made = crypto.encrypt_callback(
        TOKEN, KEY, CORP, TEXT.timestamp, TEXT.nonce, opened(TEXT), salt=salt
    )
    assert made == TEXT


@given(st.text(max_size=300), st.text(min_size=1, max_size=40))
def test_what_is_sealed_opens_again(message: str, corp: str) -> None:
    made = crypto.encrypt_callback(TOKEN, KEY, corp, "1", "n", message)
    assert opened(made, corp=corp) == message
    assert len(base64.b64decode(made.encrypt)) % 32 == 0


@settings(max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300))
def test_wechatpy_reads_ours_and_we_read_wechatpys(message: str) -> None:
    theirs = WeChatCrypto(TOKEN, KEY, CORP)
    ours = crypto.encrypt_callback(TOKEN, KEY, CORP, "1", "n", message)
    assert theirs.decrypt_message(ours.xml(), ours.msg_signature, "1", "n") == message
    body = crypto.parse(theirs.encrypt_message(message, "n", "1"))
    reply = Envelope(str(body.findtext("Encrypt")), str(body.findtext("MsgSignature")), "1", "n")
    assert opened(reply) == message


@pytest.mark.parametrize(
    "changed",
    [
        {"msg_signature": "0" * 40},
        {"msg_signature": ""},
        {"msg_signature": "签名"},
        {"msg_signature": "\udcff"},
        {"msg_signature": ECHO.msg_signature.upper()},
        {"timestamp": "1409659590"},
        {"nonce": "1"},
        {"encrypt": TEXT.encrypt},
    ],
)
def test_any_change_breaks_the_signature(changed: dict[str, str]) -> None:
    with pytest.raises(BadSignature) as caught:
        opened(replace(ECHO, **changed))
    assert (caught.value.number, caught.value.code) == (-40001, "signature_invalid")


def test_another_token_breaks_the_signature() -> None:
    with pytest.raises(BadSignature):
        opened(ECHO, token="other")


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "A", KEY + "=", KEY[:-1] + "!", "键" * 43])
def test_a_key_that_is_not_43_characters_is_refused(key: str) -> None:
    with pytest.raises(BadAesKey) as caught:
        opened(ECHO, key=key)
    assert caught.value.number == -40004


def test_a_message_for_another_corp_is_refused() -> None:
    with pytest.raises(WrongReceiver) as caught:
        opened(ECHO, corp="wx0000000000000000")
    assert caught.value.number == -40005


def test_another_key_of_the_right_form_is_refused() -> None:
    with pytest.raises((BadPlaintext, CannotDecrypt, WrongReceiver)):
        opened(ECHO, key="A" * 43)


@pytest.mark.parametrize("encrypt", ["", "====", "no base64!", "AAAA", "密文", "A" * 64 + "===="])
def test_a_ciphertext_that_is_not_whole_is_refused(encrypt: str) -> None:
    with pytest.raises(CannotDecrypt) as caught:
        opened(signed(encrypt))
    assert caught.value.number == -40007


def pad(content: bytes, count: int) -> bytes:
    return content + bytes([count]) * count


LETTER = bytes(16) + (2).to_bytes(4, "big") + b"ok" + CORP.encode()  # 40 bytes


@pytest.mark.parametrize(
    "plaintext",
    [
        bytes(64),  # a padding of nothing
        LETTER + bytes(23) + bytes([33]),  # longer than a block
        LETTER + bytes(23) + bytes([24]),  # padding bytes that differ
        pad(b"", 32),  # nothing but padding
        pad(bytes(10), 22),  # shorter than its head
        pad(bytes(16) + (999).to_bytes(4, "big") + b"ok", 10),  # a length beyond the end
        pad(bytes(16) + (2**32 - 1).to_bytes(4, "big") + b"ok", 10),
        pad(bytes(16) + (2).to_bytes(4, "big") + b"\xff\xfe", 10),  # not text
    ],
)
def test_a_plaintext_against_the_scheme_is_refused(plaintext: bytes) -> None:
    with pytest.raises(BadPlaintext) as caught:
        opened(sealed_raw(plaintext))
    assert caught.value.number == -40008


def test_the_hand_made_letter_is_otherwise_good() -> None:
    assert opened(sealed_raw(pad(LETTER, 24))) == "ok"


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_nothing_that_comes_in_crashes(
    one: str, two: str, three: str, four: str, five: str
) -> None:
    with pytest.raises(CallbackRefused):
        crypto.decrypt_callback(one, KEY, CORP, two, three, four, five)


def test_the_encrypted_part_of_a_body_with_and_without_cdata() -> None:
    for inner in (f"<![CDATA[{TEXT.encrypt}]]>", TEXT.encrypt):
        body = f"<xml><ToUserName>x</ToUserName>\n<Encrypt>{inner}</Encrypt></xml>"
        assert crypto.encrypted_part(body.encode()) == TEXT.encrypt


BOMB = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
FILE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><xml><Encrypt>&f;</Encrypt></xml>'


@pytest.mark.parametrize(
    "body",
    [
        b"", b"not xml", b"<xml>", b"<xml></xml>", b"<xml><Encrypt/></xml>", b"<html></html>",
        b"<a><xml><Encrypt>x</Encrypt></xml></a>", b"\x00\xff",
        b'<?xml version="1.0" encoding="no"?><xml/>',
        BOMB, FILE, b"<!DOCTYPE xml><xml><Encrypt>x</Encrypt></xml>",
        b"<xml><Encrypt>" + b"A" * crypto.MAX_XML_BYTES + b"</Encrypt></xml>",
        "<xml><Encrypt>x</Encrypt></xml>".encode("utf-16")[:-1],
    ],
)  # fmt: skip
def test_a_body_that_is_no_callback_is_refused(body: bytes) -> None:
    with pytest.raises(BadXml) as caught:
        crypto.encrypted_part(body)
    assert caught.value.number == -40002
