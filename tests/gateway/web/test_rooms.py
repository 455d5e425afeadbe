"""小区和房屋: found, opened, added, corrected, with everything dated."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from domain.bills.model import Bill
from domain.company.model import Community
from domain.history.model import AuditEntry
from domain.rooms.model import Building, Room, RoomArea, RoomKind, RoomVacancy
from domain.session import transaction
from domain.staff.model import Role, StaffRole
from tests.gateway.web.conftest import statements, words

AREA = "/desk/rooms/{}/area"


@pytest.fixture
def here(scene, browser):
    """Two rooms, one of them with a bill and a meter, and the manager at the desk."""
    with scene() as office:
        office.first = office.room("5-1-101", area="89.50")
        office.shop = office.room("9-2", kind=RoomKind.SHOP, area=None, owner=None)
        office.bill(office.first, 31_831)
        office.meter(office.first, {date(2026, 11, 1): "120"})
    office.desk = browser().sign_in(office.manager)
    office.path = f"/desk/rooms/{office.first.id}"
    return office


def opened(page) -> str:
    return page.text.split('name="opened" value="')[1].split('"')[0]


def areas(engine, room):
    with transaction(engine) as session:
        rows = session.scalars(
            select(RoomArea).where(RoomArea.room_id == room.id).order_by(RoomArea.from_on)
        )
        return [(row.from_on.isoformat(), str(row.to_on or ""), row.built_area) for row in rows]


def test_rooms_are_found_by_code_door_building_and_kind(here, engine):
    window = here.desk
    with statements(engine) as sent:
        said = words(window.get("/desk/rooms"))
    assert "5-1-101 住宅 5栋 翠湖花园 — — 89.50" in said
    assert "9-2 商铺 9栋" in said
    assert len(sent) <= 4
    for typed in ("5-1", "101", "5栋1单元101室"):
        found = words(window.follow(window.post("/desk/rooms/search", q=typed)))
        assert "5-1-101" in found, typed
        assert "共 1 套房屋" in found, typed
    assert "5-1-101" not in words(window.get("/desk/rooms?kind=shop"))
    assert "9-2" not in words(window.get(f"/desk/rooms?building={here.first.building_id}"))
    sheet = window.post("/desk/rooms/export", purpose="核对房屋")
    assert sheet.content.startswith(b"PK")


def test_a_room_on_one_page(here):
    said = words(here.desk.get(here.path))
    assert "翠湖花园 · 5栋 · 住宅" in said
    assert "2020年1月1日 89.5 ㎡" in said
    assert "潘超 业主 缴费人" in said
    assert "2026年11月" in said
    assert "¥318.31" in said
    assert "水表 water-5-1-101 11月1日 120" in said
    assert "还没有登记面积" in words(here.desk.get(f"/desk/rooms/{here.shop.id}"))


def test_who_may_not_see_amounts_people_or_meters_sees_none(here, engine, browser):
    with transaction(engine) as session:
        grant = session.scalars(
            select(StaffRole).where(StaffRole.staff_id == here.manager.id)
        ).one()
        session.get_one(Role, grant.role_id).permissions = ["rooms.see"]
    said = words(browser().sign_in(here.manager).get(here.path))
    assert "89.5 ㎡" in said
    for hidden in ("潘超", "318.31", "水表", "更正面积", "单独登记的收费"):
        assert hidden not in said


def test_a_room_is_added_once_with_its_area(here, engine):
    window, building = here.desk, str(here.first.building_id)
    form = {"building": building, "entrance": "1单元", "door": "102室", "kind": "residential",
            "built": "120.5", "from_on": "2026-01-01", "handover_on": "2025-12-01"}  # fmt: skip
    window.get("/desk/rooms/new")
    for wrong, said in (
        ({"door": "哪里"}, "房号看不懂"),
        ({"built": "一百"}, "看不懂建筑面积"),
        ({"built": "10", "indoor": "11"}, "套内面积不能比建筑面积大"),
        ({"building": ""}, "请选择楼栋"),
    ):
        answer = window.post("/desk/rooms/new", **form | wrong)
        assert answer.status_code == 422
        assert said in words(answer)
        assert 'value="2025-12-01"' in answer.text
    page = window.follow(window.post("/desk/rooms/new", **form))
    assert "5-1-102" in words(page)
    assert "房屋已登记" in words(page)
    again = window.post("/desk/rooms/new", **form)
    assert again.status_code == 409
    assert "已经有这个房号" in words(again)
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(Room)) == 3


def test_a_room_is_corrected_unless_somebody_was_faster(here, engine):
    window, path = here.desk, f"{here.path}/edit"
    page = window.get(path)
    form = {"entrance": "2", "door": "201", "kind": "shop", "opened": opened(page)}
    assert window.post(path, **form).status_code == 303
    late = window.post(path, **form | {"door": "202"})
    assert late.status_code == 409
    assert "有人刚刚改过" in words(late)
    assert window.post(path, **form | {"door": "202", "opened": opened(late)}).status_code == 303
    with transaction(engine) as session:
        row = session.get_one(Room, here.first.id)
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "room.edit")).all()
    assert (row.code, row.kind) == ("5-2-202", RoomKind.SHOP)
    assert entries[0].detail["fields"] == ["entrance", "door", "kind", "code"]


def test_an_area_holds_from_a_day_on_and_no_bill_is_restated(here, engine):
    window, path = here.desk, AREA.format(here.first.id)

    def correct(day, built):
        page = window.get(here.path)
        return window.post(path, from_on=day, built=built, opened=opened(page), weight="1")

    assert correct("2026-07-01", "90").status_code == 303
    assert correct("2026-03-01", "88").status_code == 303
    assert correct("2026-07-01", "91").status_code == 303
    assert correct("2019-01-01", "80").status_code == 303
    assert areas(engine, here.first) == [
        ("2019-01-01", "2020-01-01", Decimal("80.00")),
        ("2020-01-01", "2026-03-01", Decimal("89.50")),
        ("2026-03-01", "2026-07-01", Decimal("88.00")),
        ("2026-07-01", "", Decimal("91.00")),
    ]
    with transaction(engine) as session:
        assert session.scalars(select(Bill.total_fen)).all() == [31_831]
    stale = window.post(path, from_on="2026-08-01", built="70", opened="gone", weight="1")
    assert stale.status_code == 409
    bad = correct("2026-08-01", "-3")
    assert bad.status_code == 422
    assert 'value="-3"' in bad.text


def test_vacancies_do_not_overlap_and_end(here, engine):
    window, path = here.desk, f"{here.path}/vacancy"
    window.get(here.path)
    assert window.post(path, from_on="2026-09-01", note="装修").status_code == 303
    twice = window.post(path, from_on="2026-10-01")
    assert twice.status_code == 409
    assert "已经有空置登记" in words(twice)
    with transaction(engine) as session:
        row = session.scalars(select(RoomVacancy)).one()
    early = window.post(f"{path}/{row.id}/end", to_on="2026-08-01")
    assert "要晚于开始" in words(early)
    assert "正常计费" in words(
        window.follow(window.post(f"{path}/{row.id}/end", to_on="2026-12-01"))
    )
    foreign = window.post(f"/desk/rooms/{here.shop.id}/vacancy/{row.id}/end", to_on="2027-01-01")
    assert foreign.status_code == 404


def test_communities_are_opened_by_the_company_and_buildings_by_the_community(here, engine):
    window = here.desk
    window.get("/desk/rooms/places")
    assert "新开一个小区" not in window.get("/desk/rooms/places").text
    place = str(here.community.id)
    added = window.post("/desk/rooms/buildings", community=place, code="a1")
    assert "楼栋已添加" in words(window.follow(added))
    assert window.post("/desk/rooms/buildings", community=place, code="A1").status_code == 409
    with transaction(engine) as session:
        row = session.scalars(select(Building).where(Building.code == "A1")).one()
        role = session.scalars(select(StaffRole).where(StaffRole.staff_id == here.manager.id)).one()
        role.community_id = None
    assert row.name == "A1栋"
    path = f"/desk/rooms/buildings/{row.id}"
    form = {"name": "天际公寓", "opened": opened(window.get(path))}
    assert window.post(path, **form).status_code == 303
    assert window.post(path, **form).status_code == 409
    opening = window.post("/desk/rooms/communities", name="晨光花园")
    assert "晨光花园" in words(window.follow(opening))
    assert window.post("/desk/rooms/communities", name="晨光花园").status_code == 409
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(Community)) == 2


def test_a_colleague_of_one_building_sees_and_changes_that_one_only(here, engine, browser):
    with transaction(engine) as session:
        role = session.scalars(select(StaffRole).where(StaffRole.staff_id == here.manager.id)).one()
        role.building_id = here.first.building_id
    window = browser().sign_in(here.manager)
    said = words(window.get("/desk/rooms"))
    assert "5-1-101" in said
    assert "9-2" not in said
    assert window.get(f"/desk/rooms/{here.shop.id}").status_code == 403
    form = {"building": str(here.shop.building_id), "door": "3", "kind": "shop"}
    assert window.post("/desk/rooms/new", **form).status_code == 403
    assert window.get(f"{here.path}/edit").status_code == 200
