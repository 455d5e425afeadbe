"""`wuye staff`: the first colleagues, before anybody can log in to add others."""

from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit

app = typer.Typer(no_args_is_help=True)

MOST = 64


@app.callback()
def staff() -> None:
    """员工：添加员工和岗位。"""


@app.command()
def add(
    login: Annotated[str, typer.Argument(help="工号")],
    name: Annotated[str, typer.Option(help="姓名")],
    role: Annotated[
        str, typer.Option(help="岗位：admin manager finance cashier service technician inspector")
    ],
    community: Annotated[str | None, typer.Option(help="只在这个小区；不填为全部小区")] = None,
    wecom_userid: Annotated[str | None, typer.Option(help="企业微信账号")] = None,
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """添加一位员工并给予岗位；已有的员工只增加岗位。"""
    from deployments.office import open_office
    from domain import clock
    from domain.company.opening import ensure_company
    from domain.company.queries import community as community_named
    from domain.errors import Invalid
    from domain.history.actor import Actor
    from domain.session import transaction
    from domain.staff.joining import enrol

    login, name = login.strip(), name.strip()
    if not (login.isprintable() and 0 < len(login) <= MOST and 0 < len(name) <= MOST):
        raise Invalid(f"工号和姓名都要写，各不超过 {MOST} 个字")
    with open_office() as office, transaction(office.engine) as session:
        # An empty name (a variable that was not set) must not mean: everywhere.
        place = None if community is None else community_named(session, community).id
        person = enrol(
            session, company_id=ensure_company(session), login=login, name=name, role=role,
            community_id=place, wecom_userid=wecom_userid or None, by=Actor.operator(),
            at=clock.now(),
        )  # fmt: skip
    result = {"staff": person.id, "login": person.login, "name": person.name, "role": role}
    emit(result, f"{person.name}（{person.login}）已有岗位 {role}。", as_json=as_json)
