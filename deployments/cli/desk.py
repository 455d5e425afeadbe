"""`wuye desk`: signing in before WeCom login is set up, and tokens for programs."""

from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit

app = typer.Typer(no_args_is_help=True)


@app.callback()
def desk() -> None:
    """物业工作台：登录链接、接口令牌。"""


@app.command()
def link(
    user: Annotated[str, typer.Option(help="员工工号")],
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """给一位员工一个登录链接：十分钟内有效，只能用一次。"""
    from deployments.office import open_office
    from domain import clock
    from domain.history import audit
    from domain.history.actor import Actor
    from domain.session import transaction
    from domain.staff.queries import active
    from gateway.links import desk_link

    at = clock.now()
    with open_office() as office, transaction(office.engine) as session:
        person = active(session, user)
        url = desk_link(office.settings, person.id, at)
        audit.record(
            session, "staff.link", subject="staff", subject_id=person.id, by=Actor.operator(),
            at=at,
        )  # fmt: skip
    emit(
        {"staff": person.id, "url": url},
        f"{person.name}的登录链接（十分钟内有效）：\n{url}",
        as_json=as_json,
    )


@app.command()
def token(
    user: Annotated[str, typer.Option(help="员工工号")],
    scope: Annotated[str, typer.Option(help="权限代号，用逗号分开，如 bills.see,payments.take")],
    days: Annotated[int, typer.Option(help="有效多少天，最多 365")] = 90,
    name: Annotated[str, typer.Option(help="用它的程序叫什么")] = "命令行新建",
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """给一位员工一个接口令牌：程序凭它以这位员工的身份调用 /api/v1，只显示这一次。"""
    from deployments.office import open_office
    from domain import clock
    from domain.access import tokens
    from domain.history.actor import Actor
    from domain.session import transaction
    from domain.staff.queries import active

    scopes = [one.strip() for one in scope.split(",")]
    with open_office() as office, transaction(office.engine) as session:
        person = active(session, user)
        secret, row = tokens.issue(
            session, person, name=name.strip(), scopes=scopes, days=days, by=Actor.operator(),
            at=clock.now(),
        )  # fmt: skip
        told = {"token": secret, "scopes": row.scopes, "ends_at": row.ends_at.isoformat()}
    emit(
        {"staff": person.id, **told},
        f"{person.name}的接口令牌（{days} 天内有效，只显示这一次）：\n{secret}",
        as_json=as_json,
    )
