"""The demo's company: colleagues, fee items and prices. Preparing it again changes nothing."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from domain import clock
from domain.company.model import Community
from domain.company.opening import ensure_company, open_community
from domain.fees.model import FeeBasis, FeeItem, FeeTiming, TierPeriod
from domain.fees.pricing import FeeItemNotFound, add_item, item_coded, set_price, set_vat
from domain.history.actor import Actor
from domain.meters.model import MeterKind
from domain.rooms.model import RoomKind
from domain.staff.joining import enrol

COMMUNITY = "翠湖花园"
COMPANY = "安居物业"
SINCE = date(2021, 1, 1)
FOLLOWER = "kefu"
MANAGER = "jingli"
CASHIER = "shoufei"
ADMIN = "guanli"
COLLEAGUES = (
    (MANAGER, "周经理", "manager"),
    (CASHIER, "钱会计", "cashier"),
    (FOLLOWER, "林管家", "service"),
    (ADMIN, "赵主管", "admin"),
)
POSITIONS = {MANAGER: "项目经理", CASHIER: "收费", FOLLOWER: "客服", ADMIN: "系统管理"}


def prepare(session: Session) -> Community:
    """The community with colleagues and prices, as an administrator would set it up."""
    company_id = ensure_company(session, COMPANY)
    community = open_community(session, COMMUNITY)
    for login, name, role in COLLEAGUES:
        enrol(
            session, company_id=company_id, login=login, name=name, role=role, wecom_userid=login,
            by=Actor.operator("demo"), at=clock.now(),
        )  # fmt: skip
    for code, setup in (("property", _property), ("parking", _parking), ("water", _water)):
        try:
            item_coded(session, community_id=community.id, code=code)
        except FeeItemNotFound:
            setup(session, community.id)
    return community


def _property(session: Session, community_id: int) -> None:
    item = _item(session, community_id, "property", "物业费", FeeBasis.BUILT_AREA)
    for kind, price in ((RoomKind.RESIDENTIAL, "2.80"), (RoomKind.SHOP, "6.50")):
        set_price(
            session, item, Decimal(price), from_on=SINCE, room_kind=kind,
            vacancy_discount=Decimal("0.3"),
        )  # fmt: skip
    set_vat(session, item, Decimal("0.06"), from_on=SINCE)


def _parking(session: Session, community_id: int) -> None:
    item = _item(session, community_id, "parking", "车位费", FeeBasis.FIXED, listed_only=True)
    set_price(session, item, Decimal(300), from_on=SINCE)
    set_vat(session, item, Decimal("0.05"), from_on=SINCE)


def _water(session: Session, community_id: int) -> None:
    item = _item(
        session, community_id, "water", "水费", FeeBasis.METERED,
        meter_kind=MeterKind.WATER, tier_period=TierPeriod.PERIOD, timing=FeeTiming.POSTPAID,
    )  # fmt: skip
    bands = {Decimal(15): Decimal("4.18"), Decimal(25): Decimal("5.96")}
    home = RoomKind.RESIDENTIAL  # shops are read by the water works and pay there
    set_price(session, item, Decimal("3.25"), from_on=SINCE, room_kind=home, bands=bands)
    set_vat(session, item, Decimal("0.03"), from_on=SINCE)


def _item(
    session: Session, community_id: int, code: str, name: str, basis: FeeBasis, **how: object
) -> FeeItem:
    return add_item(session, community_id=community_id, code=code, name=name, basis=basis, **how)
