"""Whom the token acts for, and the communities it reaches."""

from fastapi import APIRouter, Request
from pydantic import Field

from gateway.web.api.answers import READ, Told, refusals
from gateway.web.api.guard import GuardedRoute, acting

router = APIRouter(route_class=GuardedRoute, tags=["我"])


class Colleague(Told):
    """令牌代表的员工，和令牌能做的事。"""

    staff_id: int = Field(description="员工编号", examples=[3])
    login: str = Field(description="工号", examples=["li"])
    name: str = Field(description="姓名", examples=["李收银"])
    permissions: list[str] = Field(
        description="这个令牌现在能做的事：令牌的范围和员工自己权限的交集",
        examples=[["bills.see", "payments.take"]],
    )


class Place(Told):
    """小区。"""

    id: int = Field(description="小区编号", examples=[1])
    name: str = Field(description="小区名称", examples=["翠湖花园"])


@router.get("/me", summary="我是谁", responses=refusals(*READ))
def me(request: Request) -> Colleague:
    """令牌代表哪位员工，能做什么。"""
    with acting(request) as desk:
        who = desk.staff
        return Colleague(
            staff_id=who.id, login=who.login, name=who.name, permissions=sorted(desk.held)
        )


@router.get("/communities", summary="小区", responses=refusals(*READ))
def communities(request: Request) -> list[Place]:
    """令牌能做点什么的小区，按名称排。"""
    with acting(request) as desk:
        here = desk.access.communities(desk.session, *desk.held)
        return [Place.model_validate(one) for one in here]
