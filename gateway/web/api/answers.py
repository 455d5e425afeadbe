"""What the API answers with, apart from the nouns themselves: pages of a list, and refusals."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.listing import Listed
from gateway.web.problems import MEDIA_TYPE

T = TypeVar("T")


class Told(BaseModel):
    """A body the API answers with, read from the domain's own rows."""

    model_config = ConfigDict(from_attributes=True)


class Page(Told, Generic[T]):
    """列表的一页。"""

    rows: list[T]
    count: int = Field(description="一共几条；more 为 true 时是至少几条", examples=[1])
    more: bool = Field(description="是否多到没有数完，请用筛选条件缩小范围")
    page: int = Field(description="这是第几页", examples=[1])
    pages: int = Field(description="一共能翻几页", examples=[1])
    size: int = Field(description="每页几条", examples=[50])


class FieldProblem(BaseModel):
    """一处填写有误的地方。"""

    where: str = Field(alias="in", description="path、query、header 或 body", examples=["body"])
    field: str = Field(description="哪一项", examples=["amount_fen"])
    message: str = Field(description="怎么不对", examples=["不能小于 1"])
    code: str = Field(description="给程序看的代号", examples=["greater_than_equal"])


class Problem(BaseModel):
    """拒绝或出错时的回答（RFC 9457）。"""

    type: str = Field(description="这一类问题的标识", examples=["urn:wuye:problem:nothing_owed"])
    title: str = Field(description="这一类问题的名称", examples=["情况有变"])
    status: int = Field(description="HTTP 状态码", examples=[409])
    detail: str = Field(
        description="哪里不对、该怎么办，可以直接显示给人看",
        examples=["账单 ZD20261100000001 现在是「已缴清」，不用再收款"],
    )
    code: str = Field(description="给程序判断用的代号，不会改变", examples=["nothing_owed"])
    request_id: str = Field(description="请求编号，找管理员时请报给他", examples=["5f0c9a1b2d"])
    errors: list[FieldProblem] | None = Field(None, description="哪几项填写有误")
    facts: dict[str, Any] | None = Field(None, description="有助于改正的数字和编号")


WORDS = {
    400: "请求看不懂",
    401: "没有令牌，或令牌已经失效",
    403: "没有这个权限",
    404: "没有找到",
    409: "情况有变，什么也没有做",
    413: "请求正文太大",
    422: "填写的内容有问题",
    500: "系统出错了",
    503: "系统暂时连不上数据库或后台任务",
}
ALWAYS = (401, 403, 422, 500, 503)
READ = ALWAYS
FOUND = (*ALWAYS, 404)
ACT = (*FOUND, 400, 409, 413)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How a route may refuse, for the OpenAPI document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told = {"description": "", "content": content}
    return {one: {**told, "description": WORDS[one]} for one in sorted(statuses)}


def paged(found: Listed[Any], asked: int, made: Callable[[Any], T]) -> "Page[T]":
    """A page of a list; beyond the last there is nothing, so that a loop comes to its end."""
    rows = [made(row) for row in found.rows] if asked <= found.pages else []
    return Page[Any](
        rows=rows, count=found.count, more=found.many, page=asked, pages=found.pages,
        size=found.size,
    )  # fmt: skip
