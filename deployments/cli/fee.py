"""`wuye fee`: fee items and prices."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit
from domain.errors import Invalid
from domain.fees.model import FeeBasis, FeeTiming, ShareBy, TierPeriod
from domain.meters.model import MeterKind
from domain.money import yuan
from domain.rooms.model import RoomKind

app = typer.Typer(no_args_is_help=True)
By = Annotated[str | None, typer.Option(help="由哪位员工办理（工号）；不填记为运维操作")]
EDIT = "fees.edit"


@app.callback()
def fee() -> None:
    """费用：费用项目和收费标准。"""


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="代号，如 property")],
    community: Annotated[str, typer.Option(help="小区名称")],
    name: Annotated[str, typer.Option(help="费用名称，如 物业费")],
    basis: Annotated[FeeBasis, typer.Option(help="计费方式")],
    cycle_months: Annotated[int, typer.Option(help="每几个月收一次：1 2 3 6 12")] = 1,
    timing: Annotated[
        FeeTiming | None, typer.Option(help="预收或后收；不填则抄表费用后收，其余预收")
    ] = None,
    meter_kind: Annotated[MeterKind | None, typer.Option(help="抄表费用：表具类型")] = None,
    tier_period: Annotated[TierPeriod | None, typer.Option(help="阶梯按账期还是按年")] = None,
    share_by: Annotated[ShareBy | None, typer.Option(help="公摊方式")] = None,
    formula: Annotated[str | None, typer.Option(help="公式，如 建筑面积 * 单价")] = None,
    by: By = None,
    *,
    listed_only: Annotated[
        bool, typer.Option("--listed-only", help="只收登记了收费的房屋")
    ] = False,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """添加一个费用项目。"""
    from deployments.office import open_office
    from domain import clock
    from domain.company.queries import community as community_named
    from domain.fees.desk import add_item
    from domain.session import transaction
    from domain.staff.queries import acting

    if not code.strip():  # a variable that was not set
        raise Invalid("请写费用项目的代号")
    metered = basis is FeeBasis.METERED
    if metered:
        tier_period = tier_period or TierPeriod.PERIOD
    # A meter is read when the period is over: billed before, every reading would be missing.
    timing = timing or (FeeTiming.POSTPAID if metered else FeeTiming.PREPAID)
    with open_office() as office, transaction(office.engine) as session:
        place = community_named(session, community).id
        item = add_item(
            session, community_id=place, code=code, name=name, basis=basis,
            by=acting(session, by, EDIT, community_id=place), at=clock.now(),
            cycle_months=cycle_months, timing=timing, meter_kind=meter_kind,
            tier_period=tier_period, share_by=share_by, formula=formula, listed_only=listed_only,
        )  # fmt: skip
    emit({"item": item.id, "code": code}, f"已添加费用项目「{name}」。", as_json=as_json)


@app.command()
def price(
    code: Annotated[str, typer.Argument(help="费用项目的代号")],
    community: Annotated[str, typer.Option(help="小区名称")],
    unit_price: Annotated[str, typer.Option("--price", help="单价（元）")],
    from_on: Annotated[str, typer.Option("--from", help="从哪天起，如 2026-01-01")],
    kind: Annotated[RoomKind | None, typer.Option(help="房屋类型；不填为全部")] = None,
    tier: Annotated[list[str] | None, typer.Option(help="阶梯 起点:单价，如 10:3.50")] = None,
    vacancy_discount: Annotated[str, typer.Option(help="空置减免比例，0.3 为七折")] = "0",
    vat: Annotated[str | None, typer.Option(help="增值税率，0.06 为 6%")] = None,
    by: By = None,
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """设定从某天起的收费标准；之前的标准到那天为止。"""
    from deployments.office import open_office
    from domain import clock
    from domain.company.queries import community as community_named
    from domain.fees import desk
    from domain.fees.pricing import day, item_coded
    from domain.session import transaction
    from domain.staff.queries import acting

    steps = [_band(text) for text in tier or []]
    bands = dict(steps)
    if len(bands) < len(steps):
        raise Invalid("阶梯的起点不能重复")
    with open_office() as office, transaction(office.engine) as session:
        place = community_named(session, community)
        item = item_coded(session, community_id=place.id, code=code)
        who, at = acting(session, by, EDIT, community_id=place.id), clock.now()
        facts = desk.PriceFacts(
            number(unit_price), day(from_on), kind, bands, number(vacancy_discount)
        )
        tariff = desk.set_price(
            session, item, facts, opened=desk.seen(session, item.id), by=who, at=at
        )
        if vat is not None:
            desk.set_vat(session, item, number(vat), from_on=day(from_on), by=who, at=at)
    result = {"tariff": tariff.id, "version": tariff.version}
    emit(result, f"「{item.name}」第 {tariff.version} 版标准从 {from_on} 起生效。", as_json=as_json)


@app.command()
def share(
    code: Annotated[str, typer.Argument(help="公摊费用项目的代号")],
    community: Annotated[str, typer.Option(help="小区名称")],
    total_fen: Annotated[int, typer.Option(help="要分摊的总额，单位分")],
    from_on: Annotated[str, typer.Option("--from", help="第一天，如 2026-11-01")],
    to_on: Annotated[str, typer.Option("--to", help="最后一天的后一天，如 2026-12-01")],
    quantity: Annotated[str | None, typer.Option(help="总用量，如 90 度写 90")] = None,
    building: Annotated[str | None, typer.Option(help="哪一栋；不填为全小区")] = None,
    entrance: Annotated[str | None, typer.Option(help="哪个单元；不填为全楼栋")] = None,
    by: By = None,
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """录入一笔公摊费用，下次出账时分摊到户，分到的加起来正好是总额。"""
    from deployments.office import open_office
    from domain import clock
    from domain.bills import shared_costs
    from domain.company.queries import community as community_named
    from domain.fees.pricing import day, item_coded
    from domain.session import transaction
    from domain.staff.queries import acting

    used = None if quantity is None else number(quantity)
    facts = shared_costs.CostFacts(total_fen, day(from_on), day(to_on), used, building, entrance)
    with open_office() as office, transaction(office.engine) as session:
        place = community_named(session, community)
        cost = shared_costs.add(
            session, item_coded(session, community_id=place.id, code=code), facts,
            by=acting(session, by, EDIT, community_id=place.id), at=clock.now(),
        )  # fmt: skip
    emit({"cost": cost.id}, f"已录入公摊 {yuan(total_fen)}，下次出账时分摊。", as_json=as_json)


def _band(text: str) -> tuple[Decimal, Decimal]:
    above, colon, unit_price = text.replace("：", ":").partition(":")
    if not colon:
        raise Invalid(f"看不懂阶梯「{text[:20]}」，请写成 10:3.50 这样")
    return number(above), number(unit_price)


def number(text: str) -> Decimal:
    """A plain number as typed, or a refusal."""
    try:
        read = Decimal(text.strip())
    except InvalidOperation:
        raise Invalid(f"看不懂数字「{text[:20]}」") from None
    if not read.is_finite():
        raise Invalid(f"看不懂数字「{text[:20]}」")
    return read
