"""Files that people send: read within limits, kept in memory only, their names never used as paths.

The browser's word on size is not believed: bytes are counted as they come. What is too long is
still taken off the wire for a while, so that the sender hears the refusal instead of a broken line.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from domain.errors import Invalid
from gateway.excel.errors import WorkbookTooLarge
from gateway.excel.limits import MAX_FILE_BYTES
from gateway.web.fields import one_line

ROOM_FOR_FIELDS = 64 * 1024
TAKEN_OFF_THE_WIRE = 10 * MAX_FILE_BYTES
MOST_FIELDS = 20
LONGEST_NAME = 120
MULTIPART = "multipart/form-data"
FOLDERS = re.compile(r"[/\\]")


class UploadUnreadable(Invalid):
    """Not a form, or one that breaks off."""

    code = "upload_unreadable"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A form with one file: `data` is empty where none was chosen. `problem`: why it is not whole.

    What came before the trouble is kept, so that a page can show the form again.
    """

    fields: Mapping[str, str]
    name: str = ""
    data: bytes = b""
    problem: Invalid | None = None

    def field(self, name: str) -> str:
        """One field on one line, "" where it is not there."""
        return one_line(self.fields.get(name, "")[:200])


class InMemory(MultiPartParser):
    """Person data never touches the disk on its way."""

    spool_max_size = MAX_FILE_BYTES + ROOM_FOR_FIELDS


async def uploaded(request: Request) -> Uploaded:
    """The form of a request, as far as it could be read."""
    parser: InMemory | None = None
    body = _within(request, MAX_FILE_BYTES + ROOM_FOR_FIELDS)
    try:
        if not request.headers.get("content-type", "").startswith(MULTIPART):
            typed = b"".join([part async for part in body]).decode("utf-8", "replace")
            return Uploaded(dict(parse_qsl(typed, keep_blank_values=True)))
        parser = InMemory(
            request.headers,
            body,
            max_files=1,
            max_fields=MOST_FIELDS,
            max_part_size=ROOM_FOR_FIELDS,
        )
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError):
        refusal = UploadUnreadable("上传的内容不完整，请重新选择文件再上传")
        return Uploaded(_before_it_broke(parser), problem=refusal)
    except WorkbookTooLarge as refusal:
        return Uploaded(_before_it_broke(parser), problem=refusal)
    fields, name, data = {}, "", b""
    for key, value in form.multi_items():
        if isinstance(value, UploadFile):
            name, data = plain_name(value.filename or ""), await value.read()
        else:
            fields[key] = value
    await form.close()
    return Uploaded(fields, name, data)


def _before_it_broke(parser: InMemory | None) -> dict[str, str]:
    items = parser.items if parser is not None else []
    return {key: value for key, value in items if isinstance(value, str)}


def plain_name(sent: str) -> str:
    """A file's name for people to read: no folders, nothing that does not print."""
    return one_line(FOLDERS.split(sent)[-1])[-LONGEST_NAME:] or "未命名.xlsx"


async def _within(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    taken, more = 0, True
    while more and taken <= TAKEN_OFF_THE_WIRE:
        message = await request.receive()
        part, more = message.get("body", b""), message.get("more_body", False)
        if taken < most:
            yield part[: most - taken]
        taken += len(part)
    if taken > most:
        limit = MAX_FILE_BYTES // 1024 // 1024
        raise WorkbookTooLarge(
            f"文件超过 {limit} MB 的上限。请删掉图片和用不到的工作表，或按楼栋拆成几个表格，分几次上传"
        )
