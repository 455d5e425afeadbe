"""Owners found and read at the desk in a real browser, and what a role without money rights sees
there; screenshots go to artifacts/.
"""

from datetime import date

import pytest
from sqlalchemy import select

from domain import clock
from domain.fees.model import FeeBasis
from domain.people.model import OccupancyRole, Person
from domain.session import transaction
from domain.staff.joining import join
from gateway.links import desk_link
from tests.gateway.web import demo
from tests.support.browsing import NEEDED, shot

pytestmark = NEEDED


@pytest.fixture
def stage(scene, engine):
    """The demo household with a tenant and a meter, and a colleague of each role that meets it."""
    with scene() as office:
        bill = demo.household(office)
        demo.approvals(office)
        office.bill_no, office.room_id, office.run_id = bill.no, bill.room_id, bill.bill_run_id
        office.owner = office.session.scalars(select(Person).where(Person.name == "欧阳文静")).one()
        room = office.session.get_one(type(office.room("6-1-101")), bill.room_id)
        tenant = office.person("李租户", phone="13911112222")
        office.lives(room, tenant, role=OccupancyRole.TENANT, since=date(2026, 1, 1), pays=False)
        office.charge(
            room, office.fee("tv", name="有线电视", basis=FeeBasis.FIXED, listed_only=True)
        )
    with transaction(engine) as session:
        for role, name in (("admin", "赵主管"), ("service", "林管家"), ("technician", "郑师傅")):
            colleague = join(
                session, company_id=office.company.id, login=role, name=name, role=role,
                community_id=office.community.id,
            )  # fmt: skip
            setattr(office, role, colleague)
    return office


def enter(tab, served, staff):
    """At the desk, with the link of the command line."""
    tab.goto(desk_link(served, staff.id, clock.now()))
    tab.click("text=进入工作台")
    tab.wait_for_url("**/desk")


@pytest.mark.parametrize("size", ["360", "desktop"])
def test_an_owner_is_searched_for_and_read_on_one_page(window, served, stage, size):
    tab = window(size)
    enter(tab, served, stage.admin)
    for words in ("5栋1单元101", "文静"):
        tab.goto(f"{served.base_url}/desk/people")
        tab.fill("#q", words)
        tab.click("button:has-text('查找')")
        tab.wait_for_url("**/people?s=*")
        assert tab.locator("tbody tr", has_text="欧阳文静").count() == 1
        assert words not in tab.url
    here = tab.locator(".side [aria-current]").bounding_box()
    assert 0 <= here["x"] <= tab.viewport_size["width"] - here["width"], "one sees where one is"
    shot(tab, f"owner-found-{size}")
    tab.click("a:has-text('欧阳文静')")
    tab.wait_for_url("**/people/*")
    said = tab.inner_text("main")
    for part in ("5-1-101", "B1-023", "李租户", "待缴账单", "¥318.31", "已结清账单", "缴费记录",
                 "预存款", "消息", "138****8000"):  # fmt: skip
        assert part in said, part
    assert "13800138000" not in tab.content()
    shot(tab, f"owner-page-{size}")
    tab.click("summary:has-text('看完整的电话')")
    tab.fill("#reason-phone", "电话核实漏水")
    tab.click("button:text-is('查看')")
    tab.wait_for_selector("text=13800138000")
    tab.locator("main", has_text="只显示这一次").wait_for()
    shot(tab, f"owner-revealed-{size}")
    tab.goto(f"{served.base_url}/desk/people/{stage.owner.id}")
    assert "13800138000" not in tab.content()
    tab.locator("main", has_text="电话核实漏水").wait_for()


@pytest.mark.parametrize(("role", "size"), [("service", "desktop"), ("technician", "360")])
def test_a_role_without_money_rights_sees_no_amount(window, served, stage, role, size):
    tab = window(size)
    enter(tab, served, getattr(stage, role))
    for name in ("收费台", "出账批次", "账单", "收款记录", "收费标准"):
        assert tab.locator(f"nav >> text='{name}'").count() == 0, name
    open_to_all = {"home": "/desk", "work": "/h5/work", "room": f"/desk/rooms/{stage.room_id}"}
    persons = {"person": f"/desk/people/{stage.owner.id}", "people": "/desk/people"}
    shut = {"bill": f"/desk/bills/{stage.bill_no}", "payments": "/desk/payments"}
    for name, path in {**open_to_all, **persons, **shut}.items():
        answer = tab.goto(f"{served.base_url}{path}")
        refused = name in shut or (name in persons and role == "technician")
        assert answer.status == (403 if refused else 200), path
        assert "¥" not in tab.content(), path
        shot(tab, f"no-money-{role}-{name}-{size}")
