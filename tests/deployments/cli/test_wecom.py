"""`wuye wecom decrypt`, as a supporter uses it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from deployments.cli.wecom import app
from gateway.wecom.crypto import MAX_XML_BYTES, Envelope, encrypt_callback

TOKEN, KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wwcorp"
SEALED = encrypt_callback(
    TOKEN, KEY, CORP, "1409659813", "n-1", "<xml><Content>你好</Content></xml>"
)


def run(*rest: str, stdin: bytes | None = None, **changed: str) -> Any:
    given = {
        "token": TOKEN, "aes-key": KEY, "corp-id": CORP, "msg-signature": SEALED.msg_signature,
        "timestamp": SEALED.timestamp, "nonce": SEALED.nonce,
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }  # fmt: skip
    options = [part for name, value in given.items() for part in (f"--{name}", value)]
    return CliRunner().invoke(app, ["decrypt", *options, *rest], input=stdin)


def answer(*rest: str, **options: Any) -> tuple[int, dict[str, Any]]:
    result = run(*rest, "--json", **options)
    return result.exit_code, json.loads(result.stdout)


GOOD = (0, {"ok": True, "message": "<xml><Content>你好</Content></xml>", "error": None})


@pytest.mark.parametrize(
    "echostr", [SEALED.encrypt, quote(SEALED.encrypt, safe="")], ids=["plain", "quoted"]
)
def test_an_echostr_opens_as_it_is_or_as_copied_from_the_address(echostr: str) -> None:
    assert answer("--echostr", echostr) == GOOD


def test_a_body_opens_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    body = tmp_path / "body.xml"
    body.write_text(SEALED.xml(), encoding="utf-8")
    assert answer(str(body)) == GOOD
    assert answer("-", stdin=SEALED.xml().encode()) == GOOD


def test_without_json_the_message_is_printed_bare() -> None:
    result = run("--echostr", SEALED.encrypt)
    assert (result.exit_code, result.stdout) == (0, "<xml><Content>你好</Content></xml>\n")


@pytest.mark.parametrize(
    ("changed", "code", "number"),
    [
        ({"token": "other"}, "signature_invalid", -40001),
        ({"msg_signature": "0"}, "signature_invalid", -40001),
        ({"aes_key": "short"}, "aes_key_invalid", -40004),
        ({"corp_id": "wwother"}, "corp_id_mismatch", -40005),
    ],
)
def test_a_refusal_is_typed_and_exits_2(changed: dict[str, str], code: str, number: int) -> None:
    exit_code, said = answer("--echostr", SEALED.encrypt, **changed)
    assert (exit_code, said["ok"], said["message"]) == (2, False, None)
    assert (said["error"]["code"], said["error"]["number"]) == (code, number)
    assert said["error"]["message"]


@pytest.mark.parametrize(
    "body", [b"", b"<xml/>", b"\xff\xfe", b"<xml><Encrypt>" + b"A" * MAX_XML_BYTES]
)
def test_a_body_that_is_no_callback_is_refused(body: bytes) -> None:
    exit_code, said = answer("-", stdin=body)
    assert (exit_code, said["error"]["code"], said["error"]["number"]) == (2, "xml_invalid", -40002)


def test_a_message_sealed_with_another_key_is_refused() -> None:
    other: Envelope = encrypt_callback(TOKEN, "A" * 43, CORP, "1", "n", "x")
    exit_code, said = answer(
        "--echostr", other.encrypt, msg_signature=other.msg_signature, timestamp="1", nonce="n"
    )
    assert exit_code == 2
    assert said["error"]["number"] in {-40005, -40007, -40008}


def test_a_missing_file_or_a_doubled_source_is_refused_in_words(tmp_path: Path) -> None:
    for rest in ((str(tmp_path / "none"),), (), ("-", "--echostr", "x"), (str(tmp_path),)):
        exit_code, said = answer(*rest)
        assert (exit_code, said["ok"], said["error"]["code"]) == (2, False, "invalid")


def test_without_json_a_refusal_is_one_sentence() -> None:
    result = run("--echostr", "x")
    assert result.exit_code == 2
    assert "签名不对" in result.output
    assert "Traceback" not in result.output
