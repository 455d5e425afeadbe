"""Every refusal of the API as a problem: what was refused, which field, how to mend it."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from domain.access.tokens import TokenInvalid
from domain.errors import BackOfficeError
from gateway.web.api.limits import too_large
from gateway.web.counted_bodies import TOO_LARGE
from gateway.web.errors import Face, face
from gateway.web.problems import crash_problem, problem

FACES: dict[type[BackOfficeError], Face] = {
    TokenInvalid: Face(401, "令牌不对", ""),
}
"""What pages never meet, or word otherwise."""

Said = Callable[[Mapping[str, Any]], str]
SENTENCES: dict[str, Said] = {
    "missing": lambda _: "必须填写",
    "extra_forbidden": lambda _: "没有这一项",
    "json_invalid": lambda _: "请求正文不是正确的 JSON",
    "int_type": lambda _: "要填整数",
    "int_parsing": lambda _: "要填整数",
    "int_parsing_size": lambda _: "数字太大",
    "int_from_float": lambda _: "要填整数",
    "bool_type": lambda _: "要填 true 或 false",
    "bool_parsing": lambda _: "要填 true 或 false",
    "string_type": lambda _: "要填文字",
    "string_unicode": lambda _: "文字里有看不懂的半个字符",
    "list_type": lambda _: "要填列表",
    "dict_type": lambda _: "要填对象",
    "model_type": lambda _: "要填对象",
    "model_attributes_type": lambda _: "请求正文要是 JSON 对象，Content-Type 要写 application/json",
    "string_pattern_mismatch": lambda _: "格式不对",
    "string_too_short": lambda at: f"至少 {at['min_length']} 个字符",
    "string_too_long": lambda at: f"最多 {at['max_length']} 个字符",
    "too_short": lambda at: f"至少 {at['min_length']} 项",
    "too_long": lambda at: f"最多 {at['max_length']} 项",
    "greater_than_equal": lambda at: f"不能小于 {at['ge']}",
    "less_than_equal": lambda at: f"不能大于 {at['le']}",
    "reason_empty": lambda _: "要用看得见的文字",
    "day_invalid": lambda _: "日期要写成 2026-11-25 这样",
    "union_tag_invalid": lambda _: "不在可选的值里",
    "union_tag_not_found": lambda _: "必须填写",
    "enum": lambda _: "不在可选的值里",
    "literal_error": lambda _: "不在可选的值里",
}


def install(api: FastAPI) -> None:
    """Answer everything that goes wrong with a problem."""
    api.add_exception_handler(BackOfficeError, _refused)
    api.add_exception_handler(RequestValidationError, _unreadable)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, crash_problem)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, BackOfficeError)
    look = FACES.get(type(error)) or face(error)
    headers = {"WWW-Authenticate": 'Bearer realm="wuye"'} if look.status == 401 else None
    return problem(
        request, look.status, code=error.code, title=look.title, detail=error.message,
        headers=headers, facts=error.facts,
    )  # fmt: skip


def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = list(_fields(error))
    told = "；".join(f"{one['field']}：{one['message']}" for one in fields[:3])
    return problem(
        request, 422, code="request_invalid", title="填写的内容有问题", detail=told, errors=fields
    )


def _fields(error: RequestValidationError) -> Iterator[dict[str, str]]:
    """Field by field; never what was sent, which may be about people."""
    for one in error.errors():
        place, *steps = one["loc"]
        name = ".".join(str(step) for step in steps) or str(place)
        say = SENTENCES.get(one["type"], _unknown)
        yield {
            "in": str(place),
            "field": name.encode(errors="replace").decode()[:200],
            "message": say(one.get("ctx", {})),
            "code": one["type"],
        }


def _unknown(_numbers: Mapping[str, Any]) -> str:
    return "填写的内容不对"


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return problem(
                request, 404, code="no_such_address", title="没有这个地址",
                detail="接口里没有这个地址，请核对 /api/v1/openapi.json",
            )  # fmt: skip
        case HTTPStatus.METHOD_NOT_ALLOWED:
            ways = _methods(request)
            return problem(
                request, 405, code="method_not_allowed", title="不能这样调用",
                detail=f"这个地址只接受 {'、'.join(ways)}", headers={"Allow": ", ".join(ways)},
            )  # fmt: skip
        case code if code == TOO_LARGE:
            return too_large(request)  # type: ignore[return-value]
        case _:
            return problem(
                request, error.status_code, code="request_unreadable", title="请求看不懂",
                detail="请求正文看不懂，请核对格式和 Content-Type",
            )  # fmt: skip


def _methods(request: Request) -> list[str]:
    """Every method of every route at this address: routes know only their own."""
    found: set[str] = set()
    for route in _routes(request.app.router):
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return sorted(found)


def _routes(router: Any) -> Iterator[Any]:
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner)
        else:
            yield route
