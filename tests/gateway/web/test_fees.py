"""收费标准: items, prices seen in their consequences before they are set, charges of single rooms."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from domain.bills.model import BillRun
from domain.fees.model import FeeBasis, FeeItem, RoomCharge, Tariff, VatRate
from domain.history.model import AuditEntry
from domain.rooms.model import RoomKind
from domain.session import transaction
from domain.staff.model import Role, StaffRole
from tests.gateway.web.conftest import statements, words

PRICE = {"unit_price": "3.10", "from_on": "2026-12-01"}


@pytest.fixture
def here(scene, browser):
    """物业费 2.80 with two rooms, 车位费 for listed rooms, and the manager at the desk."""
    with scene() as office:
        office.item = office.fee("property", name="物业费")
        office.tariff(office.item, "2.80")
        office.spaces = office.fee("parking", name="车位费", basis=FeeBasis.FIXED, listed_only=True)
        office.tariff(office.spaces, "150")
        office.first = office.room("5-1-101", area="100")
        office.room("9-2", kind=RoomKind.SHOP, area="50")
    office.desk = browser().sign_in(office.manager)
    office.path = f"/desk/fees/{office.item.id}"
    office.desk.get(office.path)
    return office


def opened(page) -> str:
    return page.text.split('name="opened" value="')[1].split('"')[0]


def tariffs(engine, item) -> list[tuple[str, Decimal]]:
    with transaction(engine) as session:
        rows = select(Tariff).where(Tariff.fee_item_id == item.id).order_by(Tariff.from_on)
        return [(row.from_on.isoformat(), row.unit_price) for row in session.scalars(rows)]


def test_items_are_listed_with_todays_prices(here, engine):
    with statements(engine) as sent:
        said = words(here.desk.get("/desk/fees"))
    assert "物业费 按建筑面积 2.8 每月 翠湖花园 在用" in said
    assert "车位费 固定金额 150 每月" in said
    assert len(sent) <= 7
    assert "车位费" not in words(here.desk.get("/desk/fees?basis=built_area"))
    assert here.desk.post("/desk/fees/export", purpose="公示收费标准").content.startswith(b"PK")


def test_a_price_is_seen_before_it_is_set_and_set_once(here, engine):
    window = here.desk
    page = window.post(f"{here.path}/price/confirm", **PRICE)
    said = words(page)
    assert "从 2026年12月1日起，各类房屋的单价是 3.1 元/㎡·月" in said
    assert "金额有变化的房屋 2 套 现在合计 ¥420.00 改后合计 ¥465.00 相差 +¥45.00" in said
    assert "住宅 1 1 ¥280.00 ¥310.00" in said
    assert "5-1-101 ¥280.00 ¥310.00 +¥30.00" in said
    assert len(tariffs(engine, here.item)) == 1
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(BillRun)) == 0
    for _ in range(2):
        answer = window.post(f"{here.path}/price", opened=opened(page), **PRICE)
        assert "收费标准已保存" in words(window.follow(answer))
    assert tariffs(engine, here.item)[1:] == [("2026-12-01", Decimal("3.100000"))]
    late = window.post(
        f"{here.path}/price", opened=opened(page), **PRICE | {"from_on": "2027-01-01"}
    )
    assert late.status_code == 409
    assert "有人刚刚改过" in words(late)
    with transaction(engine) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "fee.price")).one()
    assert entry.detail["unit_price"] == "3.10"


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"unit_price": "很贵"}, 422, "看不懂单价"),
        ({"unit_price": "1.1234567"}, 422, "最多 6 位小数"),
        ({"from_on": "2019-01-01"}, 409, "已经有收费标准"),
        ({"from_on": "2026-02-30"}, 422, "不是正确的日期"),
        ({"kind": "castle"}, 422, "请选择房屋类型"),
        ({"bands": "10 3"}, 422, "只有抄表费用才有阶梯"),
        ({"discount": "130"}, 422, "空置减免"),
    ],
)
def test_a_price_that_cannot_be_is_refused_before_the_preview(here, changed, status, said):
    answer = here.desk.post(f"{here.path}/price/confirm", **PRICE | {"discount": "5"} | changed)
    assert answer.status_code == status
    assert said in words(answer)
    assert (PRICE | changed)["unit_price"] in answer.text


def test_who_may_not_see_amounts_sees_how_many_rooms_only(here, engine, browser):
    with transaction(engine) as session:
        grant = session.scalars(
            select(StaffRole).where(StaffRole.staff_id == here.manager.id)
        ).one()
        session.get_one(Role, grant.role_id).permissions = ["fees.see", "fees.edit"]
    window = browser().sign_in(here.manager)
    window.get(here.path)
    said = words(window.post(f"{here.path}/price/confirm", **PRICE))
    assert "金额有变化的房屋 2 套" in said
    assert "¥" not in said


def test_items_of_every_basis_are_added_and_a_bad_formula_is_refused_at_its_place(here, engine):
    window, place = here.desk, str(here.community.id)
    window.get("/desk/fees/new")
    form = {"community": place, "cycle": "1"}
    bad = window.post(
        "/desk/fees/new", name="电梯费", basis="formula", formula="建筑面积 * 单 价 +", **form
    )
    assert bad.status_code == 422
    assert "公式第" in words(bad)
    assert "建筑面积 * 单 价 +" in bad.text
    for basis in FeeBasis:
        answer = window.post(
            "/desk/fees/new",
            name=f"费用{basis}",
            basis=basis.value,
            formula="建筑面积 * 单价",
            **form,
        )
        assert answer.status_code == 303, words(answer)
        assert window.follow(answer).status_code == 200
    again = window.post("/desk/fees/new", name="物业费", basis="fixed", **form)
    assert again.status_code == 409
    with transaction(engine) as session:
        made = {row.basis: row for row in session.scalars(select(FeeItem).order_by(FeeItem.id))}
    assert made[FeeBasis.METERED].timing.value == "postpaid"
    assert made[FeeBasis.METERED].meter_kind.value == "water"
    assert made[FeeBasis.FORMULA].formula == "建筑面积 * 单价"


def test_tiers_are_typed_a_line_each(here, engine, scene):
    window = here.desk
    window.get("/desk/fees/new")
    form = {"community": str(here.community.id), "name": "水费", "basis": "metered"}
    path = window.post("/desk/fees/new", **form).headers["location"].partition("?")[0]
    tiers = {"unit_price": "2.77", "from_on": "2026-12-01", "bands": "15 4.35\r\n30：6.5"}
    page = window.post(f"{path}/price/confirm", **tiers)
    assert "超过 15 的部分 4.35 元 超过 30 的部分 6.5 元" in words(page)
    assert "按最近一个已结束账期的用量试算" in words(page)
    assert window.post(f"{path}/price", opened=opened(page), **tiers).status_code == 303
    assert "超过 30 的部分 6.5" in words(window.get(path))
    wrong = window.post(f"{path}/price/confirm", **tiers | {"bands": "15 4.35 9"})
    assert "每行写" in words(wrong)


def test_rooms_are_charged_of_their_own_accord_until_it_ends(here, engine):
    window, path = here.desk, f"/desk/fees/{here.spaces.id}"
    form = {"room": "5栋1单元101", "label": "A-12", "quantity": "2", "from_on": "2026-11-01"}
    assert "收费已登记" in words(window.follow(window.post(f"{path}/charges", **form)))
    twice = window.post(f"{path}/charges", **form)
    assert twice.status_code == 409
    assert "请用标记分开" in words(twice)
    unknown = window.post(f"{path}/charges", **form | {"room": "77-1-1"})
    assert "没有房号 77-1-1" in words(unknown)
    assert 'value="A-12"' in unknown.text
    with transaction(engine) as session:
        row = session.scalars(select(RoomCharge)).one()
    assert (row.room_id, row.quantity) == (here.first.id, Decimal("2.0000"))
    ended = window.post(f"{path}/charges/{row.id}/end", to_on="2027-01-01")
    assert "以后不再收" in words(window.follow(ended))
    elsewhere = window.post(f"{here.path}/charges/{row.id}/end", to_on="2027-02-01")
    assert elsewhere.status_code == 404


def test_a_tax_rate_from_a_day_on(here, engine):
    answer = here.desk.post(f"{here.path}/vat", rate="6%", vat_from="2026-12-01")
    assert "税率已保存" in words(here.desk.follow(answer))
    with transaction(engine) as session:
        row = session.scalars(select(VatRate)).one()
    assert (row.rate, row.from_on) == (Decimal("0.060000"), date(2026, 12, 1))
    assert here.desk.post(f"{here.path}/vat", rate="600", vat_from="2027-12-01").status_code == 422
