"""抄表: who is missing, one reading, a swap, and a whole building on one page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain import clock
from domain.bills.model import Bill, BillLine, BillRun
from domain.fees.model import FeeBasis, FeeItem
from domain.history.model import AuditEntry
from domain.meters.model import Meter, MeterKind, MeterReading, ReadingKind
from domain.rooms.model import Room
from domain.session import transaction
from domain.staff.model import StaffRole
from tests.gateway.web.conftest import statements, words

TODAY = clock.today()
FIRST = TODAY.replace(day=1)
LAST_MONTH = (FIRST - timedelta(days=1)).replace(day=1)


@pytest.fixture
def here(scene, browser):
    """Three water meters in two buildings, one read this month, and the manager at the desk."""
    with scene() as office:
        office.first = office.meter(office.room("5-1-101"), {LAST_MONTH: "120"})
        office.second = office.meter(office.room("5-1-102"), {LAST_MONTH: "999990"})
        office.read = office.meter(office.room("6-1-101"), {LAST_MONTH: "10", FIRST: "15.5"})
    office.desk = browser().sign_in(office.manager)
    office.path = f"/desk/meters/{office.first.id}"
    office.desk.get(office.path)
    return office


def readings(engine, meter) -> list[tuple[str, Decimal, ReadingKind]]:
    with transaction(engine) as session:
        rows = session.scalars(
            select(MeterReading)
            .where(MeterReading.meter_id == meter.id)
            .order_by(MeterReading.read_on)
        )
        return [(row.read_on.isoformat(), row.value, row.kind) for row in rows]


def test_who_is_missing_this_month_is_listed(here, engine):
    with statements(engine) as sent:
        said = words(here.desk.get("/desk/meters"))
    assert "water-6-1-101 水表 6-1-101 6栋 翠湖花园 本月已抄" in said
    assert len(sent) <= 4
    missing = words(here.desk.get("/desk/meters?read=missing"))
    assert "共 2 块表" in missing
    assert "6-1-101" not in missing
    found = here.desk.follow(here.desk.post("/desk/meters/search", q="6栋1单元101"))
    assert "共 1 块表" in words(found)


@pytest.mark.parametrize("asked", ["read=read", "read=missing", "read=gone", "sort=-room"])
def test_no_list_of_meters_asks_for_its_number_by_itself(here, engine, asked):
    here.desk.get(f"/desk/meters?{asked}")
    with statements(engine) as sent:
        said = words(here.desk.get(f"/desk/meters?{asked}"))
    assert "块表" in said or asked == "read=gone"
    assert len([one for one in sent if "FROM meter" in one]) == 1


def test_a_reading_is_entered_once_and_shown_with_its_use(here, engine):
    form = {"read_on": FIRST.isoformat(), "value": "１３２.5"}
    for _ in range(2):
        assert here.desk.post(f"{here.path}/reading", **form).status_code == 303
    assert readings(engine, here.first)[1:] == [
        (FIRST.isoformat(), Decimal("132.5000"), ReadingKind.ACTUAL)
    ]
    assert "实抄 132.5 12.5" in words(here.desk.get(here.path))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"value": "119"}, "日的读数 120 小，请核对；表走满归零的请勾选“归零”"),
        ({"value": "-5"}, "看不懂读数"),
        ({"value": "1000000"}, "超过了表的位数"),
        ({"value": "130", "read_on": "2019-12-31"}, "使用期间"),
        ({"value": "130", "read_on": (TODAY + timedelta(days=1)).isoformat()}, "还没有到"),
        ({"value": "", "read_on": FIRST.isoformat()}, "请填写读数"),
    ],
)
def test_what_a_dial_cannot_say_is_refused(here, engine, form, said):
    answer = here.desk.post(f"{here.path}/reading", **{"read_on": FIRST.isoformat(), **form})
    assert answer.status_code == 422
    assert said in words(answer)
    assert f'value="{form["value"]}"' in answer.text
    assert len(readings(engine, here.first)) == 1


def test_a_dial_that_rolled_over_and_an_estimate(here, engine):
    window, path = here.desk, f"/desk/meters/{here.second.id}"
    form = {"read_on": FIRST.isoformat(), "value": "12"}
    assert window.post(f"{path}/reading", **form).status_code == 303  # plainly past its end
    assert "12 22" in words(window.get(path))
    rolled = {"read_on": FIRST.isoformat(), "value": "100", "rolled_over": "true"}
    assert window.post(f"{here.path}/reading", **rolled).status_code == 303
    guess = {"read_on": FIRST.isoformat(), "value": "140", "estimated": "true"}
    assert window.post(f"{here.path}/reading", **guess).status_code == 303
    assert readings(engine, here.first)[-1][1:] == (Decimal("140.0000"), ReadingKind.ESTIMATED)


def test_a_reading_that_stands_in_a_bill_stays(here, engine):
    frozen = {"meters": [{"id": here.read.id, "last_on": FIRST.isoformat()}]}
    with transaction(engine) as session:
        room = session.get_one(Room, here.read.room_id)
        item = FeeItem(
            community_id=room.community_id, code="water", name="水费", basis=FeeBasis.FIXED
        )
        run = BillRun(
            community_id=room.community_id, period_start=LAST_MONTH, period_end=FIRST,
            created_at=here.at,
        )  # fmt: skip
        session.add_all([item, run])
        session.flush()
        bill = Bill(
            no="ZD20261100000001", community_id=room.community_id, bill_run_id=run.id,
            room_id=room.id, period_start=LAST_MONTH, period_end=FIRST, total_fen=1,
        )  # fmt: skip
        session.add(bill)
        session.flush()
        session.add(
            BillLine(
                bill_id=bill.id, room_id=room.id, fee_item_id=item.id, basis=item.basis,
                period_start=LAST_MONTH, period_end=FIRST, days=1, period_days=30, amount_fen=1,
                detail=frozen,
            )
        )  # fmt: skip
    form = {"read_on": FIRST.isoformat(), "value": "16"}
    answer = here.desk.post(f"/desk/meters/{here.read.id}/reading", **form)
    assert answer.status_code == 409
    assert "已经用于账单" in words(answer)


def test_a_swap_closes_one_meter_and_opens_the_next(here, engine):
    window = here.desk
    form = {"on": TODAY.isoformat(), "closing": "150", "serial": "新-1", "opening": "3",
            "multiplier": "1", "digits": "5"}  # fmt: skip
    low = window.post(f"{here.path}/swap", **form | {"closing": "100"})
    assert low.status_code == 422
    assert 'value="新-1"' in low.text
    taken = window.post(f"{here.path}/swap", **form | {"serial": "water-6-1-101"})
    assert taken.status_code == 409
    assert readings(engine, here.first) == [
        (LAST_MONTH.isoformat(), Decimal("120.0000"), ReadingKind.ACTUAL)
    ]
    done = window.post(f"{here.path}/swap", **form)
    assert "新表已登记" in words(window.follow(done))
    again = window.post(f"{here.path}/swap", **form | {"serial": "新-2"})
    assert again.status_code == 409
    with transaction(engine) as session:
        new = session.scalars(select(Meter).where(Meter.serial == "新-1")).one()
        old = session.get_one(Meter, here.first.id)
    assert (old.to_on, new.from_on, new.kind, new.digits) == (TODAY, TODAY, MeterKind.WATER, 5)
    assert readings(engine, here.first)[-1][2] is ReadingKind.CLOSING
    assert readings(engine, new) == [(TODAY.isoformat(), Decimal("3.0000"), ReadingKind.OPENING)]


def test_a_building_is_read_on_one_page_and_a_bad_row_keeps_only_itself(here, engine):
    window = here.desk
    assert "5栋 翠湖花园 2 2" in words(window.get("/desk/meters/round"))
    path = f"/desk/meters/round/{building_of(engine, here.first)}"
    assert "本月还没抄的表 2 块" in words(window.get(path))
    form = {"meter": [here.first.id, here.second.id], "read_on": FIRST.isoformat()}
    answer = window.post(path, **form, value=["110", "999,995"])
    assert answer.status_code == 422
    said = words(answer)
    assert "已保存 1 块表的读数" in said
    assert "日的读数 120 小" in said
    assert 'value="110"' in answer.text
    assert "5-1-102" not in said
    assert len(readings(engine, here.second)) == 2
    last = window.post(path, meter=[here.first.id], value=["131"], read_on=FIRST.isoformat())
    page = window.follow(last)
    assert "已保存 1 块表的读数" in words(page)
    assert "本月都抄完了" in words(page)
    with transaction(engine) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "meter.round"))
        assert [entry.detail["readings"] for entry in entries] == [1, 1]


def test_a_meter_stands_in_the_building_of_its_room_and_in_no_other(here, engine):
    with transaction(engine) as session:
        asked = select(Meter.building_id, Room.building_id, Room.code).join_from(Meter, Room)
        rows = session.execute(asked).all()
    assert len(rows) == 3
    assert all(written == true for written, true, _ in rows)
    other = next(building for building, _, code in rows if code.startswith("6"))
    refused = pytest.raises(IntegrityError, match="fk_meter_building_id_room_id")
    with refused, transaction(engine) as session:
        session.get_one(Meter, here.first.id).building_id = other


def test_empty_rows_wait_and_meters_of_other_buildings_are_not_there(here, engine):
    window, building = here.desk, building_of(engine, here.first)
    path = f"/desk/meters/round/{building}"
    window.get(path)
    form = {"meter": [here.first.id, here.second.id], "read_on": FIRST.isoformat()}
    assert window.post(path, **form, value=["", " "]).headers["location"].endswith("done=0")
    elsewhere = window.post(path, meter=[here.read.id], value=["99"], read_on=FIRST.isoformat())
    assert elsewhere.status_code == 404
    assert window.post(path, **form | {"read_on": ""}, value=["1", "2"]).status_code == 422


def test_a_colleague_of_one_building_reads_that_one_only(here, engine, browser):
    with transaction(engine) as session:
        role = session.scalars(select(StaffRole).where(StaffRole.staff_id == here.manager.id)).one()
        role.building_id = building_of(engine, here.first)
    window = browser().sign_in(here.manager)
    said = words(window.get("/desk/meters"))
    assert "5-1-101" in said
    assert "6-1-101" not in said
    assert window.get(f"/desk/meters/{here.read.id}").status_code == 403
    assert window.get(f"/desk/meters/round/{building_of(engine, here.read)}").status_code == 403


def building_of(engine, meter) -> int:
    with transaction(engine) as session:
        return session.get_one(Room, session.get_one(Meter, meter.id).room_id).building_id
