"""How WeCom answers: HTTP 200 and an errcode."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from gateway.sandbox.json_in import parsed

ERRMSG = {
    -1: "system error",
    40001: "invalid credential",
    40003: "invalid userid",
    40005: "invalid media type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40029: "invalid code",
    40032: "userid list over limit",
    40056: "invalid agentid",
    40058: "invalid request parameter",
    40063: "some parameters are empty",
    40066: "invalid party list",
    40068: "invalid tagid",
    40096: "invalid external userid",
    40123: "invalid image file",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41006: "media_id missing",
    41009: "userid missing",
    41035: "external_userid missing",
    41046: "msgid missing",
    41047: "invalid group msgid",
    41048: "no customer to send",
    41064: "attachments over limit",
    41065: "invalid attachment type",
    41093: "group msg task cancelled",
    41094: "remind over limit",
    42001: "access_token expired",
    42014: "task_id invalid",
    42028: "template_card url missing",
    42031: "invalid template_card card_type",
    42033: "template_card title missing",
    42035: "invalid horizontal_content_list size",
    42038: "invalid button_list.text",
    42039: "invalid button_list.key",
    42042: "invalid jump_list size",
    42045: "invalid card_action",
    42052: "msgid expired",
    44001: "empty media data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article count out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    45034: "url without scheme",
    46003: "menu no exist",
    46004: "user not found by mobile",
    48002: "api forbidden",
    48009: "api forbidden for this secret, use the contacts secret",
    60003: "department not found",
    60020: "not allow to access from your ip",
    60140: "invalid response_code",
    60111: "userid not found",
    81013: "user & party & tag all invalid",
    82001: "all invalid: no receiver given",
    82002: "party list over limit",
    82003: "tag list over limit",
    84014: "user_ticket expired",
    84015: "invalid user_ticket",
    84061: "not external contact",
    301002: "not allowed to operate another agent with this accesstoken",
}


class WeComError(Exception):
    """The call is refused; carries WeCom's number."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        message = ERRMSG.get(errcode, "error")
        super().__init__(f"{message}, {detail}" if detail else message)
        self.errcode = errcode


def answer(errcode: int, errmsg: str, **fields: Any) -> JSONResponse:
    """The envelope every reply has."""
    return JSONResponse({"errcode": errcode, "errmsg": errmsg, **fields})


def ok(**fields: Any) -> JSONResponse:
    """Done, with these fields; empty ones are left out as WeCom does."""
    return answer(0, "ok", **{key: value for key, value in fields.items() if value is not None})


async def refusal(_request: Request, error: Exception) -> JSONResponse:
    """Turns a raised WeComError into its envelope."""
    assert isinstance(error, WeComError)
    return answer(error.errcode, str(error))


async def json_body(request: Request) -> dict[str, Any]:
    """The request's JSON object, or 40058 in the words WeCom uses."""
    try:
        body = parsed(await request.body())
    except ValueError:
        raise WeComError(40058, "Warning: wrong json format. ") from None
    if not isinstance(body, dict):
        raise WeComError(40058, "Warning: wrong json format. ")
    return body


def size(text: str) -> int:
    """Bytes in UTF-8: what WeCom's limits count."""
    return len(text.encode())


def cut(text: str, limit: int) -> str:
    """At most `limit` bytes, whole characters."""
    return text.encode()[:limit].decode(errors="ignore")


def text_field(body: dict[str, Any], key: str, limit: int | None = None) -> str:
    """A string field ("" when absent); 40058 for another type, 45002 over `limit` bytes."""
    value = body.get(key, "")
    if not isinstance(value, str):
        raise WeComError(40058, f"{key} must be a string")
    if limit is not None and size(value) > limit:
        raise WeComError(45002, f"{key} is longer than {limit} bytes")
    return value
