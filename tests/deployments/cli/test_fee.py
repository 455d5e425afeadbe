"""`wuye fee` and `wuye bills limits`: what is saved, and every mistake a sentence."""

import pytest
from sqlalchemy import select

from domain.company.model import Community
from domain.fees.model import FeeItem, SharedCost, Tariff, VatRate
from domain.history.model import AuditEntry
from tests.deployments.cli.commanding import Wuye
from tests.factories.office import Office

HERE = ("--community", "翠湖花园")


@pytest.fixture
def items(shop: Office, wuye: Wuye) -> Office:
    """物业费, 水费 and 公摊, entered as a colleague would."""
    shop.room("1-1-101")
    shop.session.commit()
    for arguments in (
        ("property", "--name", "物业费", "--basis", "built_area"),
        ("water", "--name", "水费", "--basis", "metered", "--meter-kind", "water"),
        ("light", "--name", "公摊", "--basis", "shared", "--share-by", "area"),
    ):
        assert wuye("fee", "add", *arguments, *HERE)[0] == 0
    return shop


def test_prices_follow_each_other(items: Office, wuye: Wuye) -> None:
    for price, day, vat in (("2.80", "2026-01-01", "0.06"), ("3.00", "2026-07-01", "0.03")):
        wuye("fee", "price", "property", *HERE, "--price", price, "--from", day, "--vat", vat)
    rows = items.session.execute(
        select(Tariff.version, Tariff.to_on, VatRate.to_on).join(
            VatRate, VatRate.from_on == Tariff.from_on
        ).order_by(Tariff.version)
    ).all()  # fmt: skip
    assert [(version, str(a), str(b)) for version, a, b in rows] == [
        (1, "2026-07-01", "2026-07-01"), (2, "None", "None"),
    ]  # fmt: skip


def test_an_item_that_could_not_be_billed_is_refused(items: Office, wuye: Wuye) -> None:
    for typed, code in {
        "x --name 公摊 --basis shared --share-by area": "conflict",
        "x --name X --basis shared": "invalid",
        "x --name X --basis metered": "invalid",
        "x --name X --basis fixed --share-by area": "invalid",
        "x --name X --basis fixed --formula 单价": "invalid",
        "x --name X --basis fixed --tier-period year": "invalid",
        "x --name X --basis fixed --cycle-months 5": "invalid",
        "x --name X --basis formula": "formula_syntax",
        "x --name X --basis formula --formula 单价/0": "formula_division_by_zero",
        f"x --name {'长' * 41} --basis fixed": "invalid",
    }.items():
        assert wuye.refused("fee", "add", *typed.split(), *HERE)[0] == code, typed
        assert len(items.session.scalars(select(FeeItem)).all()) == 3, typed


def test_a_price_that_makes_no_sense_is_refused(items: Office, wuye: Wuye) -> None:
    for typed in (
        "property --price 100000000 --from 2026-01-01",
        "property --price 3.1234567 --from 2026-01-01",
        "property --price -1 --from 2026-01-01",
        "property --price NaN --from 2026-01-01",
        "property --price 3 --from 2026-13-01",
        "property --price 3 --from 2026-01-01 --vat 6",
        "property --price 3 --from 2026-01-01 --vacancy-discount 2",
        "property --price 3 --from 2026-01-01 --tier 10:4",
        "water --price 3 --from 2026-01-01 --tier 10",
        "water --price 3 --from 2026-01-01 --tier 10:4 --tier 10.0:5",
        "water --price 3 --from 2026-01-01 --tier=-1:4",
        "water --price 3 --from 2026-01-01 --tier 10:99999999999",
        "nothing --price 3 --from 2026-01-01",
    ):
        assert wuye.refused("fee", "price", *typed.split(), *HERE)[1], typed
        assert items.session.scalars(select(Tariff)).all() == [], typed


def test_a_price_or_a_rate_for_days_that_have_one_is_refused(items: Office, wuye: Wuye) -> None:
    command = ("fee", "price", "property", *HERE, "--price", "3")
    wuye(*command, "--from", "2026-07-01", "--vat", "0.06")
    assert wuye.refused(*command, "--from", "2026-01-01")[0] == "tariff_overlaps"
    shop = (*command, "--kind", "shop", "--from", "2026-01-01", "--vat", "0.03")
    assert wuye.refused(*shop)[0] == "vat_overlaps"


def test_a_shared_cost_is_entered_once(items: Office, wuye: Wuye) -> None:
    days = ("--from", "2026-11-01", "--to", "2026-12-01")
    command = ("fee", "share", "light", *HERE, "--total-fen", 5_490, "--quantity", 90, *days)
    assert wuye(*command)[0] == wuye(*command, "--building", "1", "--entrance", "1")[0] == 0
    assert wuye.refused(*command)[0] == "shared_cost_exists"
    assert wuye.refused(*command, "--building", "9")[0] == "scope_not_found"
    assert wuye.refused(*command, "--entrance", "1")[0] == "invalid"
    assert wuye.refused("fee", "share", "water", *HERE, "--total-fen", 1, *days)[0] == "invalid"
    assert wuye.refused("fee", "share", "light", *HERE, "--total-fen", -1, *days)[0] == "invalid"
    assert len(items.session.scalars(select(SharedCost)).all()) == 2


def test_an_unset_code_is_no_code(items: Office, wuye: Wuye) -> None:
    assert wuye.refused("fee", "add", "", "--name", "X", "--basis", "fixed", *HERE)[0] == "invalid"


def test_who_set_a_price_is_on_the_record(items: Office, wuye: Wuye) -> None:
    price = ("fee", "price", "property", *HERE, "--price", "3", "--vat", "0.06")
    days = ("--from", "2026-11-01", "--to", "2026-12-01")
    share = ("fee", "share", "light", *HERE, "--total-fen", 5_490, *days)
    assert wuye(*price, "--from", "2026-01-01", "--by", "manager")[0] == 0
    assert wuye(*share, "--by", "manager")[0] == 0
    assert wuye(*share, "--building", "1")[0] == 0
    rows = items.session.execute(
        select(AuditEntry.action, AuditEntry.actor_kind, AuditEntry.actor_name)
        .where(AuditEntry.subject == "fee_item")
        .order_by(AuditEntry.id)
    ).all()
    manager = items.manager.name
    assert [tuple(row) for row in rows] == [
        *[("fee.create", "operator", "wuye")] * 3,
        ("fee.price", "staff", manager), ("fee.vat", "staff", manager),
        ("fee.share", "staff", manager), ("fee.share", "operator", "wuye"),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["nobody", "technician"])
def test_nobody_sets_prices_in_the_name_of_who_may_not(items: Office, wuye: Wuye, who: str) -> None:
    items.staff("technician", "陈师傅", ["fees.see"])
    items.session.commit()
    days = ("--from", "2026-11-01", "--to", "2026-12-01")
    for command in (
        ("fee", "add", "x", "--name", "X", "--basis", "fixed"),
        ("fee", "price", "property", "--price", "3", "--from", "2026-01-01"),
        ("fee", "share", "light", "--total-fen", 1, *days),
    ):
        code = wuye.refused(*command, *HERE, "--by", who)[0]
        assert code == ("staff_not_found" if who == "nobody" else "not_permitted")
    assert not items.session.scalars(select(Tariff)).all()
    assert not items.session.scalars(select(SharedCost)).all()
    assert len(items.session.scalars(select(FeeItem)).all()) == 3


def test_limits_of_automatic_approval(items: Office, wuye: Wuye) -> None:
    command = ("bills", "limits", *HERE, "--by", "manager")
    assert wuye(*command, "--total-fen", 100_000, "--change", "0.1")[0] == 0
    items.session.expire_all()
    place = items.session.scalars(select(Community)).one()
    assert (place.auto_approve_total_fen, str(place.auto_approve_change)) == (100_000, "0.100000")
    assert wuye.refused(*command, "--total-fen", -1)[0] == "invalid"
    assert wuye.refused(*command, "--total-fen", 10**20)[0] == "invalid"
    assert wuye.refused(*command, "--change", "0.1")[0] == "invalid"
    assert wuye.refused("bills", "limits", *HERE, "--by", "nobody")[0] == "staff_not_found"
    assert wuye(*command)[0] == 0
    items.session.expire_all()
    assert place.auto_approve_total_fen is None
