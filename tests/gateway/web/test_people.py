"""Owners at the desk: found, read on one page, never more than one may see."""

from datetime import date

import pytest
from sqlalchemy import select

from domain.history.model import AuditEntry
from domain.people.model import Consent, Occupancy, OccupancyRole, Person
from domain.session import transaction
from domain.staff.model import FieldAccess, PersonalField, Role, RoleField, StaffRole
from tests.factories.office import Office
from tests.gateway.web import demo
from tests.gateway.web.conftest import statements, words

FULL, MASKED = FieldAccess.FULL, FieldAccess.MASKED
SCRIPT = "<script>alert(1)</script>"


def colleague(office, login, permissions, *, phone=FieldAccess.NONE, number=FieldAccess.NONE):
    """A colleague whose role shows this much of phones and ID numbers."""
    person = office.staff(login, f"{login}同事", permissions)
    grant = office.session.scalars(select(StaffRole).where(StaffRole.staff_id == person.id)).one()
    for field, access in ((PersonalField.PHONE, phone), (PersonalField.ID_NUMBER, number)):
        office._add(RoleField(role_id=grant.role_id, field=field, access=access))
    return person


@pytest.fixture
def town(scene):
    """A household with debts and history; a second community; colleagues who see different things."""
    with scene() as office:
        demo.household(office)
        office.owner = office.session.scalars(select(Person).where(Person.name == "欧阳文静")).one()
        of_owner = select(Occupancy.room_id).where(Occupancy.person_id == office.owner.id)
        room = office.session.scalars(of_owner.order_by(Occupancy.id)).first()
        office.room_id = room
        office.tenant = office.person("李租户", phone="13911112222")
        office._add(
            Occupancy(room_id=room, person_id=office.tenant.id, role=OccupancyRole.TENANT,
                      from_on=date(2026, 1, 1))
        )  # fmt: skip
        office.clerk = colleague(office, "clerk", ["people.see", "people.edit"], phone=FULL)
        office.guard = colleague(office, "guard", ["people.see"])
        office.cashier = colleague(
            office, "cash", ["people.see", "bills.see", "payments.see"], phone=MASKED
        )
        other = Office(office.session, office.vault, at=office.at, community="外园小区")
        other.neighbour = other.person("欧阳外人", phone="13800138000")
        other.lives(other.room("5-1-101", owner=None), other.neighbour)
        office.other = other
    return office


def search(window, words_typed):
    window.get("/desk/people")
    return words(window.follow(window.post("/desk/people/search", q=words_typed)))


@pytest.mark.parametrize(
    "typed", ["5-1-101", "5栋1单元101", "欧阳", "文静", "8000", "138 0013 8000"]
)
def test_an_owner_is_found_by_room_name_and_phone(browser, town, typed):
    window = browser().sign_in(town.clerk)
    said = search(window, typed)
    assert "欧阳文静" in said
    assert "欧阳外人" not in said, "another community's neighbour with the same room and phone"
    assert "138****8000" in said


def test_who_sees_no_phone_cannot_find_by_phone_either(browser, town):
    window = browser().sign_in(town.guard)
    assert "没有符合条件的业主" in search(window, "8000")
    assert "没有符合条件的业主" in search(window, "13800138000")
    assert "138****" not in search(window, "欧阳")


@pytest.mark.parametrize(
    "typed", ["' OR 1=1 --", "%", "_", "\\", "'; DROP TABLE person; --", SCRIPT]
)
def test_search_boxes_take_any_text_as_text(browser, town, typed):
    window = browser().sign_in(town.clerk)
    assert "没有符合条件的业主" in search(window, typed)
    assert "<script>" not in window.get("/desk/people").text.replace("<script src", "")


def test_the_counter_shows_no_more_of_a_phone_than_the_role(browser, town, engine):
    with transaction(engine) as session:
        for staff in (town.guard, town.cashier):
            held = select(StaffRole.role_id).where(StaffRole.staff_id == staff.id)
            role = session.get_one(Role, session.scalars(held).one())
            role.permissions = [*role.permissions, "payments.take"]
    path = f"/desk/counter/rooms/{town.room_id}"
    assert "138****8000" in browser().sign_in(town.cashier).get(path).text
    answer = browser().sign_in(town.guard).get(path)
    assert "欧阳文静" in answer.text
    assert "138****" not in answer.text


def test_what_was_searched_for_is_not_in_the_address(browser, town):
    window = browser().sign_in(town.clerk)
    window.get("/desk/people")
    where = window.post("/desk/people/search", q="欧阳文静").headers["location"]
    assert "欧阳" not in where
    assert "%E6" not in where


def test_one_page_tells_everything(browser, town, engine):
    window = browser().sign_in(town.cashier)
    with statements(engine) as sent:
        said = words(window.get(f"/desk/people/{town.owner.id}"))
    for part in ("5-1-101", "B1-023", "李租户 租户", "待缴账单", "¥318.31", "已结清账单", "缴费记录",
                 "预存款", "138****8000", "还没有绑定"):  # fmt: skip
        assert part in said
    assert len(sent) <= 11


def test_a_role_without_money_rights_sees_no_amounts(browser, town):
    for staff in (town.clerk, town.guard):
        window = browser().sign_in(staff)
        for path in ("/desk/people", f"/desk/people/{town.owner.id}"):
            answer = window.get(path)
            assert answer.status_code == 200
            assert "¥" not in answer.text
            assert "待缴" not in words(answer).replace("待缴账单和", "")
        assert "您的岗位看不到账单和金额" in words(answer)


def test_a_phone_is_shown_for_a_reason_once_and_on_record(browser, town, engine):
    window = browser().sign_in(town.clerk)
    path = f"/desk/people/{town.owner.id}"
    assert "13800138000" not in window.get(path).text
    said = words(window.post(f"{path}/reveal", field="phone", reason="电话核实漏水"))
    assert "13800138000" in said
    assert "只显示这一次" in said
    said = words(window.get(path))
    assert "13800138000" not in said
    assert "clerk同事 看了电话" in said
    assert "电话核实漏水" in said
    with transaction(engine) as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "person.reveal")
        ).one()
        assert entry.detail == {"field": "phone", "reason": "电话核实漏水"}
        assert entry.subject_id == town.owner.id


@pytest.mark.parametrize(
    ("who", "form", "status", "why"),
    [
        ("clerk", {"field": "phone", "reason": "看"}, 422, "请写明原因"),
        ("clerk", {"field": "phone", "reason": "他的电话13800138000"}, 422, "不要写电话"),
        ("clerk", {"field": "id_number", "reason": "核对身份"}, 403, "不能看完整的身份证号"),
        ("clerk", {"field": "name", "reason": "核对身份"}, 422, "请选择"),
        ("cashier", {"field": "phone", "reason": "电话核实漏水"}, 403, "不能看完整的电话"),
        ("guard", {"field": "phone", "reason": "电话核实漏水"}, 403, "不能看完整的电话"),
    ],
)  # fmt: skip
def test_no_phone_without_the_right_or_a_reason(browser, town, engine, who, form, status, why):
    window = browser().sign_in(getattr(town, who))
    answer = window.post(f"/desk/people/{town.owner.id}/reveal", **form)
    assert answer.status_code == status
    assert why in words(answer)
    assert "13800138000" not in answer.text.replace(form["reason"], "")
    with transaction(engine) as session:
        assert not session.scalars(
            select(AuditEntry).where(AuditEntry.action == "person.reveal")
        ).all()


def test_changing_an_id_reaches_nothing_foreign(browser, town):
    window = browser().sign_in(town.clerk)
    foreign = town.other.neighbour.id
    own = town.owner.id
    theirs = f"/desk/people/{foreign}"
    for path in (theirs, f"{theirs}/edit", f"{theirs}/stays/new"):
        answer = window.get(path)
        assert answer.status_code == 403
        assert "欧阳外人" not in answer.text
    assert window.get(f"/desk/people/{own}/stays/9999").status_code == 404
    posts = {
        f"{theirs}/edit": {"name": "改名"},
        f"{theirs}/reveal": {"field": "phone", "reason": "电话核实漏水"},
        f"{theirs}/stays/new": {"room": "5-1-101", "from_on": "2026-01-01"},
    }
    for path, form in posts.items():
        assert window.post(path, **form).status_code == 403
    made = window.post("/desk/people/new", community_id=town.other.community.id, name="张三")
    assert made.status_code == 403


def test_a_stay_of_somebody_else_is_not_reached_through_ones_own_page(browser, town, engine):
    with transaction(engine) as session:
        theirs = session.scalars(
            select(Occupancy.id).where(Occupancy.person_id == town.other.neighbour.id)
        ).one()
    window = browser().sign_in(town.clerk)
    path = f"/desk/people/{town.owner.id}/stays/{theirs}"
    assert window.get(path).status_code == 404
    assert window.post(f"{path}/end", to_on="2026-05-01").status_code == 404
    assert window.post(f"{path}/remove").status_code == 404


def test_stored_script_is_text(browser, town, engine):
    with transaction(engine) as session:
        session.get_one(Person, town.owner.id).name = SCRIPT
    window = browser().sign_in(town.clerk)
    paths = ("/desk/people", f"/desk/people/{town.owner.id}", f"/desk/people/{town.tenant.id}",
             f"/desk/people/{town.owner.id}/edit", f"/desk/people/{town.owner.id}/stays/new")  # fmt: skip
    for path in paths:
        answer = window.get(path)
        assert answer.status_code == 200
        assert SCRIPT not in answer.text
        assert "&lt;script&gt;" in answer.text


def test_registering_an_owner_with_a_room(browser, town, engine):
    window = browser().sign_in(town.clerk)
    window.get("/desk/people/new")
    form = {
        "community_id": town.community.id, "name": " 赵 小明 ", "phone": "+86 139-0000-1111",
        "room": "5栋1单元101", "role": "family", "relation": "子女", "from_on": "2026-10-01",
    }  # fmt: skip
    answer = window.post("/desk/people/new", **form)
    said = words(window.follow(answer))
    assert "入住已登记" in said
    assert "139****1111" in said
    assert "家属（子女）" in said
    again = window.post("/desk/people/new", **form)
    assert again.status_code == 409
    assert "已经登记了一位同名同电话的人" in words(again)
    assert 'value="子女"' in again.text, "what was typed is still there"
    with transaction(engine) as session:
        assert len(session.scalars(select(Person).where(Person.name == "赵小明")).all()) == 1


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"name": ""}, "姓名不像姓名"),
        ({"name": SCRIPT}, "姓名不像姓名"),
        ({"phone": "12345"}, "联系电话不对"),
        ({"phone": "13800138000、13900139000"}, "一个人只登记一个电话"),
        ({"id_number": "11010519491231002X"}, "要先取得本人的单独同意"),
        ({"id_number": "110105194912310021", "consent": "true"}, "校验不通过"),
        ({"birth_on": "2026-02-30"}, "出生日期不是正确的日期"),
        ({"birth_on": "2199-01-01"}, "出生日期不对"),
        ({"community_id": "x"}, "请选择小区"),
        ({"room": "9-9-999"}, "这个小区没有房号 9-9-999"),
        ({"room": "5-1-101", "from_on": ""}, "请填写开始日"),
        ({"room": "5-1-101", "from_on": "2026-03-01", "to_on": "2026-03-01"}, "结束日要晚于开始日"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(browser, town, engine, form, why):
    window = browser().sign_in(town.clerk)
    window.get("/desk/people/new")
    sent = {"community_id": town.community.id, "name": "钱多多", "from_on": "2026-10-01", **form}
    answer = window.post("/desk/people/new", **sent)
    assert answer.status_code == 422
    assert why in words(answer)
    with transaction(engine) as session:
        assert not session.scalars(select(Person).where(Person.name == "钱多多")).all()


def test_an_id_number_needs_consent_and_goes_with_it(browser, town, engine):
    keeper = None
    with transaction(engine) as session:
        field = session.scalars(
            select(RoleField)
            .join(StaffRole, StaffRole.role_id == RoleField.role_id)
            .where(StaffRole.staff_id == town.clerk.id, RoleField.field == PersonalField.ID_NUMBER)
        ).one()
        field.access = FULL
    window = browser().sign_in(town.clerk)
    path = f"/desk/people/{town.owner.id}"

    def save(**form):
        opened = window.get(f"{path}/edit").text.split('name="opened" value="')[1].split('"')[0]
        return window.post(f"{path}/edit", name="欧阳文静", opened=opened, **form)

    assert save(id_number="11010519491231002X", consent="true").status_code == 303
    said = words(window.get(path))
    assert "110***********002X" in said
    assert "本人同意用于核验身份" in said
    assert save(drop_id_number="true").status_code == 303
    assert "已撤回" in words(window.get(path))
    with transaction(engine) as session:
        keeper = session.get_one(Person, town.owner.id)
        assert keeper.id_number_sealed is None
        assert keeper.phone_masked == "138****8000", "an empty field keeps what is stored"
        assert session.scalars(select(Consent)).one().withdrawn_at is not None


def test_two_clerks_edit_the_same_person(browser, town):
    first, second = browser().sign_in(town.clerk), browser().sign_in(town.clerk)
    path = f"/desk/people/{town.owner.id}/edit"
    opened = first.get(path).text.split('name="opened" value="')[1].split('"')[0]
    second.get(path)
    assert first.post(path, name="欧阳静", opened=opened).status_code == 303
    late = second.post(path, name="欧阳文", opened=opened)
    assert late.status_code == 409
    assert "有人刚刚改过" in words(late)
    assert "欧阳文" in late.text


def test_who_can_see_this_owner_and_why(browser, town):
    window = browser().sign_in(town.manager)
    said = words(window.get(f"/desk/people/{town.owner.id}/viewers"))
    assert "clerk同事 clerk同事的岗位 （翠湖花园） 填写原因后看全部 看不到" in said
    assert "cash同事 cash同事的岗位 （翠湖花园） 只看打码 看不到" in said
    assert "manager1" not in said
    assert (
        browser().sign_in(town.clerk).get(f"/desk/people/{town.owner.id}/viewers").status_code
        == 403
    )


def test_an_export_holds_only_masked_phones(browser, town):
    window = browser().sign_in(town.clerk)
    window.get("/desk/people")
    answer = window.post("/desk/people/export", purpose="核对业主名册")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/vnd.openxml")
