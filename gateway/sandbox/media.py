"""Temporary media: upload, fetch within three days."""

import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

from gateway.sandbox.box import Box
from gateway.sandbox.contents import MEDIA_KINDS, MEDIA_LIFE_SECONDS
from gateway.sandbox.replies import WeComError, answer
from gateway.sandbox.store import Row
from gateway.sandbox.tokens import AnyCaller

MEGABYTE = 1024 * 1024
MOST_BYTES = {
    "image": 10 * MEGABYTE,
    "voice": 2 * MEGABYTE,
    "video": 10 * MEGABYTE,
    "file": 20 * MEGABYTE,
}
LEAST_BYTES = 6
IMAGE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")

router = APIRouter(prefix="/cgi-bin/media")
Kind = Annotated[str, Query(alias="type")]


@router.post("/upload")
async def upload(request: Request, caller: AnyCaller, kind: Kind = "") -> JSONResponse:
    """Keep a file; its media_id serves every app of the company."""
    if kind not in MEDIA_KINDS:
        raise WeComError(40005)
    async with request.form() as form:
        upload = form.get("media")
        if not isinstance(upload, UploadFile):
            raise WeComError(44001)
        content = await upload.read()
        name, content_type = upload.filename or "media", upload.content_type
    check_content(kind, content)
    now = caller.box.clock.now()
    media_id = secrets.token_urlsafe(48)
    caller.box.store.run(
        "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?)",
        media_id, kind, name, content_type or "application/octet-stream", content, now,
    )  # fmt: skip
    return answer(0, "", type=kind, media_id=media_id, created_at=str(now))


def check_content(kind: str, content: bytes) -> None:
    """Its size, and that an image is one."""
    if len(content) < LEAST_BYTES:
        raise WeComError(40006)
    if len(content) > MOST_BYTES[kind]:
        raise WeComError(45001)
    if kind == "image" and not content.startswith(IMAGE_STARTS):
        raise WeComError(40123)


@router.get("/get")
async def get(caller: AnyCaller, media_id: str = "") -> Response:
    """The file as it was uploaded."""
    if not media_id:
        raise WeComError(41006)
    media = find_media(caller.box, media_id)
    if media is None or media["created_at"] <= caller.box.clock.now() - MEDIA_LIFE_SECONDS:
        raise WeComError(40007)
    return as_file(media)


def find_media(box: Box, media_id: str) -> Row | None:
    """The stored file, however old."""
    return box.store.one("SELECT * FROM media WHERE media_id = ?", media_id)


def as_file(media: Row) -> Response:
    """The file as a download with its name."""
    disposition = f"attachment; filename*=UTF-8''{quote(media['filename'])}"
    return Response(
        media["content"],
        media_type=media["content_type"],
        headers={"Content-Disposition": disposition},
    )
