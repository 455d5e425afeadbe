"""`wuye desk`: signing in before WeCom login is set up."""

from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit

app = typer.Typer(no_args_is_help=True)


@app.callback()
def desk() -> None:
    """物业工作台：登录链接。"""


@app.command()
def link(
    user: Annotated[str, typer.Option(help="员工工号")],
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """给一位员工一个登录链接：十分钟内有效，只能用一次。"""
    from deployments.office import open_office
    from domain import clock
    from domain.session import transaction
    from domain.staff.queries import active
    from gateway.links import desk_link

    with open_office() as office, transaction(office.engine) as session:
        person = active(session, user)
        url = desk_link(office.settings, person.id, clock.now())
    emit(
        {"staff": person.id, "url": url},
        f"{person.name}的登录链接（十分钟内有效）：\n{url}",
        as_json=as_json,
    )
