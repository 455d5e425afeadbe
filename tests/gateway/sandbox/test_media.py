"""media/upload, media/get, and messages that carry a file."""

import pytest

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import APP_SECRET, SandboxServer

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def upload(app: Caller, kind: str, content: bytes) -> dict[str, object]:
    return app.post(
        "media/upload", params={"type": kind}, files={"media": ("账单.png", content, "image/png")}
    )


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("image", PNG, 0),
        ("file", b"%PDF-1.7", 0),
        ("hologram", PNG, 40005),
        ("file", b"12345", 40006),
        ("voice", b"x" * (2 * 1024 * 1024 + 1), 45001),
        ("image", b"not an image", 40123),
    ],
)
def test_upload(app: Caller, kind: str, content: bytes, errcode: int) -> None:
    assert upload(app, kind, content)["errcode"] == errcode


def test_no_file_at_all(app: Caller) -> None:
    assert app.post("media/upload", params={"type": "file"})["errcode"] == 44001


def test_a_file_comes_back_for_three_days(
    sandbox: SandboxServer, app: Caller, contact: Caller
) -> None:
    media_id = upload(app, "image", PNG)["media_id"]
    url = f"{sandbox.url}/cgi-bin/media/get"
    params = {"access_token": contact.token, "media_id": str(media_id)}
    assert sandbox.http.get(url, params=params).content == PNG
    sandbox.advance(3 * 86_400)
    late = Caller(sandbox, APP_SECRET)
    assert late.get("media/get", media_id=media_id)["errcode"] == 40007
    assert late.get("media/get")["errcode"] == 41006


def test_a_picture_arrives(sandbox: SandboxServer, app: Caller) -> None:
    media_id = upload(app, "image", PNG)["media_id"]
    assert app.send(msgtype="file", file={"media_id": media_id})["errcode"] == 40007
    assert app.send(msgtype="image", image={"media_id": media_id})["errcode"] == 0
    [message] = sandbox.messages("lisi")
    assert message["content"]["filename"] == "账单.png"
    assert sandbox.http.get(f"{sandbox.url}/media/{media_id}").content == PNG
