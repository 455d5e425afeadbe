"""公摊 at the desk, and what else of a fee item changes: its name, 停用; a room's first meter."""

from datetime import date

import pytest
from sqlalchemy import select

from domain.fees.model import FeeBasis, FeeItem, ShareBy, SharedCost
from domain.history.model import AuditEntry
from domain.meters.model import Meter, MeterReading
from domain.session import transaction
from statemachines import supplement
from tests.gateway.web.conftest import words

LIFT = {
    "total": "90.01", "quantity": "90", "from_on": "2026-10-01", "to_on": "2026-11-01",
    "building": "5", "entrance": "",
}  # fmt: skip


@pytest.fixture
def here(scene, browser):
    """电梯电费 by area; three homes of 5栋, one of them without an area, and one elsewhere."""
    with scene() as office:
        office.lift = office.fee(
            "lift", name="电梯电费", basis=FeeBasis.SHARED, share_by=ShareBy.AREA
        )
        office.home = office.room("5-1-101", area="100")
        office.room("5-1-102", area="200")
        office.room("5-1-103", area=None)
        office.room("9-1-101", area="50")
    office.desk = browser().sign_in(office.manager)
    office.path = f"/desk/fees/{office.lift.id}"
    office.desk.get(office.path)
    return office


def stored(engine, question):
    with transaction(engine) as session:
        return session.scalars(question).all()


def acts(engine) -> list[str]:
    found = select(AuditEntry.action).order_by(AuditEntry.id)
    return [act for act in stored(engine, found) if act.startswith(("fee.", "meter."))]


def test_a_shared_cost_is_seen_split_before_it_is_entered_and_entered_once(here, engine):
    window = here.desk
    assert 'value="5"' in window.get(f"{here.path}/costs/new").text
    said = words(window.post(f"{here.path}/costs/confirm", **LIFT))
    assert "5栋分摊 ¥90.01" in said
    assert "分摊的房屋 2 套 最少的一户 ¥30.00 最多的一户 ¥60.01" in said
    assert "有 1 套房屋没有面积或权重" in said
    assert "5栋 2 ¥90.01" in said
    assert stored(engine, select(SharedCost)) == []
    for _ in range(2):
        answer = window.post(f"{here.path}/costs", **LIFT)
        assert "公摊已录入" in words(window.follow(answer))
    [cost] = stored(engine, select(SharedCost))
    assert (cost.total_fen, cost.period_start) == (9_001, date(2026, 10, 1))
    assert acts(engine) == ["fee.share"]
    assert "等下次出账 ¥90.01 撤回" in words(window.get(here.path))
    other = window.post(f"{here.path}/costs/confirm", **LIFT | {"total": "80"})
    assert other.status_code == 409
    assert "已经录过了" in words(other)
    assert 'value="80"' in other.text


def test_what_cannot_be_shared_is_said_in_words(here):
    for typed, what in (
        ({"total": ""}, "请填写公摊总额"),
        ({"to_on": "2026-10-01"}, "结束日期要晚于开始日期"),
        ({"building": "77"}, "77 栋没有房屋"),
        ({"building": "", "entrance": "1"}, "要先说是哪一栋"),
        ({"quantity": "很多"}, "总用量"),
    ):
        answer = here.desk.post(f"{here.path}/costs/confirm", **LIFT | typed)
        assert answer.status_code == 422
        assert what in words(answer)
        assert 'value="90.01"' in answer.text or not typed.get("total", "x")


def test_a_cost_is_taken_back_while_no_run_has_split_it(here, engine):
    window = here.desk
    window.post(f"{here.path}/costs", **LIFT)
    [cost] = stored(engine, select(SharedCost))
    back = f"{here.path}/costs/{cost.id}/take-back"
    assert "撤回电梯电费 5栋" in words(window.get(back))
    assert window.post(back, note="").status_code == 422
    assert "公摊已撤回" in words(window.follow(window.post(back, note="金额录错")))
    assert stored(engine, select(SharedCost)) == []
    assert window.post(back, note="再来").status_code == 404
    window.post(f"{here.path}/costs", **LIFT)
    with transaction(engine) as session:
        supplement.take_up(
            session, community_id=here.community.id, month=date(2026, 11, 1),
            by=here.clock, at=here.at,
        )  # fmt: skip
    [cost] = stored(engine, select(SharedCost))
    back = f"{here.path}/costs/{cost.id}/take-back"
    assert "已经进了第" in words(window.get(back))
    late = window.post(back, note="金额录错")
    assert late.status_code == 409
    assert "不能撤回" in words(late)
    assert "已分摊" in words(window.get(here.path))
    assert acts(engine) == ["fee.share", "fee.unshare", "fee.share"]


def test_who_may_not_see_amounts_sees_rooms_only(here, browser, engine):
    here.desk.post(f"{here.path}/costs", **LIFT)
    with transaction(engine) as session:
        here.session = session
        clerk = here.staff("lurufei", "小陆", ["fees.see", "fees.edit"])
    window = browser().sign_in(clerk)
    assert "¥" not in words(window.get(here.path))
    said = words(window.post(f"{here.path}/costs/confirm", **LIFT | {"from_on": "2026-09-01"}))
    assert "分摊的房屋 2 套" in said
    assert "¥60" not in said


def test_an_item_is_renamed_by_who_saw_its_name(here, engine):
    window = here.desk
    answer = window.post(f"{here.path}/name", name="电梯费", opened="电梯电费")
    assert "名称已改" in words(window.follow(answer))
    assert window.post(f"{here.path}/name", name="电梯费", opened="电梯电费").status_code == 303
    late = window.post(f"{here.path}/name", name="电梯运行费", opened="电梯电费")
    assert late.status_code == 409
    assert 'value="电梯运行费"' in late.text
    assert window.post(f"{here.path}/name", name=" ", opened="电梯费").status_code == 422
    assert stored(engine, select(FeeItem.name)) == ["电梯费"]
    assert acts(engine) == ["fee.rename"]


def test_an_item_is_not_called_what_another_is_called(here, engine):
    window = here.desk
    form = {"community": here.community.id, "name": "绿化费", "basis": "fixed", "cycle": "1"}
    assert window.post("/desk/fees/new", **form).status_code == 303
    answer = window.post(f"{here.path}/name", name="绿化费", opened="电梯电费")
    assert answer.status_code == 409
    assert "这个小区已经有叫「绿化费」的费用" in words(answer)
    assert 'value="绿化费"' in answer.text, "what was typed stays"
    assert sorted(stored(engine, select(FeeItem.name))) == ["电梯电费", "绿化费"]


def test_a_code_typed_before_is_not_given_out_again(here, engine):
    form = {"community": here.community.id, "basis": "fixed", "cycle": "1"}
    for name, code in (("绿化费", "fee3"), ("保洁费", ""), ("装修费", "")):
        assert here.desk.post("/desk/fees/new", name=name, code=code, **form).status_code == 303
    assert sorted(stored(engine, select(FeeItem.code))) == ["fee3", "fee4", "fee5", "lift"]


def test_an_item_is_stopped_and_started_after_its_consequences_were_seen(here, engine):
    window = here.desk
    assert "停用「电梯电费」，下次出账起不再算它" in words(window.get(f"{here.path}/stop"))
    for _ in range(2):
        assert "已停用" in words(window.follow(window.post(f"{here.path}/stop")))
    assert "已经停用了" in words(window.get(f"{here.path}/stop"))
    assert stored(engine, select(FeeItem.active)) == [False]
    assert "会把这一项补上" in words(window.get(f"{here.path}/start"))
    assert "已启用" in words(window.follow(window.post(f"{here.path}/start")))
    assert acts(engine) == ["fee.stop", "fee.start"]


def test_a_room_gets_its_first_meter_once(here, engine):
    window, path = here.desk, f"/desk/rooms/{here.home.id}/meters"
    assert "/meters/new" in window.get(f"/desk/rooms/{here.home.id}").text
    window.get(f"{path}/new")
    form = {
        "kind": "water", "serial": "W-7", "on": "2026-02-01", "opening": "3.5", "multiplier": "1",
        "digits": "5",
    }  # fmt: skip
    answers = [window.post(path, **form) for _ in range(2)]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert "表已登记" in words(window.follow(answers[0]))
    [meter] = stored(engine, select(Meter))
    [reading] = stored(engine, select(MeterReading))
    assert (meter.room_id, meter.digits, str(reading.value)) == (here.home.id, 5, "3.5000")
    assert acts(engine) == ["meter.fit"]
    for typed, status, what in (
        ({"kind": ""}, 422, "请选择是哪种表"),
        ({"serial": ""}, 422, "请填写表号"),
        ({"on": "2099-01-01"}, 422, "还没有到"),
        ({"opening": "123456"}, 422, "超过了表的位数"),
        ({"on": "2026-03-01"}, 409, "已经登记在这个小区的另一块表上"),
    ):
        answer = window.post(path, **form | typed)
        assert answer.status_code == status
        assert what in words(answer)
