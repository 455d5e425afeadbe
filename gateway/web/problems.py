"""Refusals for programs: application/problem+json (RFC 9457) with a Chinese sentence and a code."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError

MEDIA_TYPE = "application/problem+json"
ROOT = "/api"
"""Whatever stands below is for programs, and refuses as programs read it."""


class ProblemResponse(JSONResponse):
    """A body that says what is wrong and how to mend it."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """As JSON, whatever half characters a program may have sent us to repeat."""
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def problem(
    request: Request,
    status: int,
    *,
    code: str,
    title: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    facts: Mapping[str, Any] | None = None,
) -> ProblemResponse:
    """The answer to a request that was refused; `errors` name fields, `facts` help to mend it."""
    body: dict[str, Any] = {
        "type": f"urn:wuye:problem:{code}", "title": title, "status": status, "detail": detail,
        "code": code, "request_id": request.scope.get("state", {}).get("request_id", ""),
    }  # fmt: skip
    if errors:
        body["errors"] = list(errors)
    if facts:
        body["facts"] = dict(facts)
    return ProblemResponse(body, status, dict(headers or {}))


def is_program(path: str) -> bool:
    """Whether a path is asked by programs."""
    return path == ROOT or path.startswith(f"{ROOT}/")


def crash_problem(request: Request, error: Exception) -> ProblemResponse:
    """What a program hears when something of ours broke; nothing of the error itself."""
    if isinstance(error, OperationalError | InterfaceError):
        return problem(
            request, 503, code="database_unreachable", title="系统暂时连不上数据库",
            detail="这次请求没有完成，没有收任何款，也没有改任何数据。请过一会儿用同样的请求再试。",
            headers={"Retry-After": "10"},
        )  # fmt: skip
    return problem(
        request, 500, code="crashed", title="系统出错了",
        detail="不是请求有误，是系统出错了。请稍后再试；如果还不行，请把 request_id 告诉管理员。",
    )  # fmt: skip
