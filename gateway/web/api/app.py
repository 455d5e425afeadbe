"""The API as an application of its own under /api/v1: its refusals are problems, not pages."""

from typing import Any

from fastapi import FastAPI, Security
from starlette.datastructures import State

from gateway.web.api import (
    bills,
    charges,
    fee_items,
    fees,
    flows,
    imports,
    letters,
    me,
    meters,
    payments,
    people,
    refusals,
    rooms,
    runs,
    shared_costs,
)
from gateway.web.api.answers import Problem
from gateway.web.api.guard import BEARER
from gateway.web.api.limits import BodyLimit

PATH = "/api/v1"
PARTS = (
    me, rooms, people, fees, fee_items, charges, shared_costs, meters, bills, runs, payments,
    letters, imports, flows,
)  # fmt: skip
ABOUT = """
工作台里的事，用程序来做。谁的令牌，就以谁的身份、在谁的权限之内；每一步都有记录。

要一个人看着屏幕定的事不在这里：企业和小区、员工、岗位和权限、令牌，新建和改名费用项目，逐个
新建和修改房屋、业主和表。成批的房屋、业主、读数和收费用 `/imports`，先检查、看差异、再导入。

* 金额都是整数，单位分；日期写作 2026-11-25，时刻是 UTC。账期的结束日不含在内。
* 出错时回答 `application/problem+json`：`detail` 可以直接给人看，`code` 给程序判断。
* 收款和发起任务要带 `Idempotency-Key`：网络不好时用同一个编号重发，不会做两次。
* 列表用 `page` 和 `size` 翻页，翻过最后一页得到空的 `rows`。
"""


def create_api(state: State) -> FastAPI:
    """The API over the state (engine, settings) of the application it is mounted in."""
    api = FastAPI(
        title="物业后台接口", version="1", description=ABOUT, openapi_url="/openapi.json",
        docs_url=None, redoc_url=None, redirect_slashes=False, dependencies=[Security(BEARER)],
        separate_input_output_schemas=False,
    )  # fmt: skip
    api.state = state
    for part in PARTS:
        api.include_router(part.router)
    refusals.install(api)
    api.add_middleware(BodyLimit)
    _document(api)
    return api


def _document(api: FastAPI) -> None:
    """Name the schema of problems, which only refusals refer to."""
    plain = api.openapi

    def openapi() -> dict[str, Any]:
        told = plain()
        schemas = told.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            _say_it(told)
            made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(made.pop("$defs", {}))
            schemas["Problem"] = made
        return told

    api.openapi = openapi  # type: ignore[method-assign]


def _say_it(told: dict[str, Any]) -> None:
    """FastAPI's own English for an answer that went well."""
    for methods in told["paths"].values():
        for operation in methods.values():
            for answer in operation["responses"].values():
                if answer["description"] == "Successful Response":
                    answer["description"] = "成功"
