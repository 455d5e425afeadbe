"""Colleagues at the desk: who may let whom in, and nobody hands out more than they hold."""

import re

import pytest
from sqlalchemy import select

from domain.access.model import ApiToken, DeskSession
from domain.history.model import AuditEntry
from domain.people.model import Person, PersonChannel
from domain.session import transaction
from domain.staff.defaults import ensure_roles
from domain.staff.joining import join
from domain.staff.model import GrantSource, Role, Staff, StaffRole
from tests.factories.office import Office
from tests.gateway.web.conftest import path_of, words


@pytest.fixture
def firm(scene):
    """An administrator of the company, one of a community, clerks, and another community."""
    with scene() as office:
        ensure_roles(office.session)

        def hired(login, name, role, community=office.community.id):
            return join(
                office.session, company_id=office.company.id, login=login, name=name, role=role,
                community_id=community,
            )  # fmt: skip

        office.admin = hired("root", "总管理员", "admin", None)
        office.head = hired("head", "小区管理员", "admin")
        office.clerk = hired("kefu", "王客服", "service")
        office.other = Office(office.session, office.vault, at=office.at, community="外园小区")
        office.stranger = hired("wai", "外园客服", "service", office.other.community.id)
        office.service = office.session.scalars(select(Role).where(Role.code == "service")).one()
        office.top = office.session.scalars(select(Role).where(Role.code == "admin")).one()
    return office


def grants(engine, staff) -> list[tuple[int, int | None]]:
    with transaction(engine) as session:
        rows = session.scalars(
            select(StaffRole).where(StaffRole.staff_id == staff.id).order_by(StaffRole.id)
        )
        return [(row.role_id, row.community_id) for row in rows]


def test_a_community_sees_its_own_colleagues_and_those_of_the_whole_company(browser, firm):
    window = browser().sign_in(firm.head)
    said = words(window.get("/desk/staff"))
    assert "王客服 kefu" in said
    assert "总管理员" in said
    assert "外园客服" not in said
    assert "外园客服" in words(browser().sign_in(firm.admin).get("/desk/staff"))


def test_a_new_colleague_comes_with_a_role_and_gets_in_by_a_link(browser, firm, engine):
    window = browser().sign_in(firm.head)
    window.get("/desk/staff/new")
    form = {"name": "孙维修", "login": "Sun.W", "position": "维修工",
            "role_id": firm.service.id, "where": firm.community.id}  # fmt: skip
    answer = window.post("/desk/staff/new", **form)
    page = window.follow(answer)
    assert "已添加" in words(page)
    path = answer.headers["location"].partition("?")[0]
    shown = window.post(f"{path}/link")
    link = re.search(r"http://testserver(/desk/enter/[^<\s]+)", shown.text)
    assert link
    assert "/desk/enter/" not in window.get(path).text, "shown once"
    newcomer = browser()
    assert newcomer.post(path_of(link[1])).status_code == 303
    assert "孙维修" in newcomer.get("/desk").text
    with transaction(engine) as session:
        actions = [e.action for e in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert {"staff.create", "staff.grant", "staff.link"} <= set(actions)


@pytest.mark.parametrize(
    ("form", "status", "why"),
    [
        ({"login": "王"}, 422, "账号用 2 到 32 个小写字母"),
        ({"login": "kefu"}, 409, "这个账号已经是另一位同事的了"),
        ({"name": ""}, 422, "请填写姓名"),
        ({"wecom_userid": "<script>"}, 422, "企业微信账号是"),
        ({"role_id": ""}, 422, "请选择岗位"),
        ({"where": "1; DROP TABLE staff"}, 422, "请选择岗位在哪里有效"),
        ({"where": "all"}, 403, "没有「管理员工账号」的权限"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_added(browser, firm, engine, form, status, why):
    window = browser().sign_in(firm.head)
    window.get("/desk/staff/new")
    sent = {"name": "孙维修", "login": "sun", "role_id": firm.service.id,
            "where": firm.community.id, **form}  # fmt: skip
    answer = window.post("/desk/staff/new", **sent)
    assert answer.status_code == status
    assert why in words(answer)
    with transaction(engine) as session:
        assert session.scalar(select(Staff).where(Staff.login == "sun")) is None


def test_nobody_gives_more_than_they_hold(browser, firm, engine):
    with transaction(engine) as session:
        role = Role(code="gate", name="门岗主管", permissions=["staff.see", "staff.edit"])
        session.add(role)
        session.flush()
        gate = Staff(company_id=firm.company.id, login="gate", name="门岗主管")
        session.add(gate)
        session.flush()
        session.add(StaffRole(staff_id=gate.id, role_id=role.id, community_id=firm.community.id))
    window = browser().sign_in(gate)
    path = f"/desk/staff/{gate.id}"
    window.get(path)
    answer = window.post(f"{path}/roles", role_id=firm.top.id, where=firm.community.id)
    assert answer.status_code == 403
    assert "您自己在那里没有" in words(answer)
    theirs = f"/desk/staff/{firm.clerk.id}"
    for door in ("link", "sessions/end"):
        answer = window.post(f"{theirs}/{door}")
        assert answer.status_code == 403
        assert "/desk/enter/" not in answer.text
    assert window.get(f"{theirs}/password").status_code == 403
    assert grants(engine, gate) == [(role.id, firm.community.id)]


@pytest.mark.parametrize("who", ["stranger", "admin"])
def test_a_community_reaches_no_colleague_of_elsewhere_or_of_the_company(
    browser, firm, engine, who
):
    window = browser().sign_in(firm.head)
    target = getattr(firm, who)
    path = f"/desk/staff/{target.id}"
    window.get("/desk/staff")
    before = grants(engine, target)
    posts = {"edit": {"name": "改名", "login": "xx"}, "link": {}, "sessions/end": {}, "leave": {},
             "roles": {"role_id": firm.service.id, "where": firm.other.community.id}}  # fmt: skip
    for door, form in posts.items():
        assert window.post(f"{path}/{door}", **form).status_code == 403, door
    assert grants(engine, target) == before


def test_a_grant_of_somebody_else_is_not_reached_through_ones_own(browser, firm, engine):
    with transaction(engine) as session:
        foreign = session.scalars(
            select(StaffRole.id).where(StaffRole.staff_id == firm.stranger.id)
        ).one()
    window = browser().sign_in(firm.head)
    window.get("/desk/staff")
    answer = window.post(f"/desk/staff/{firm.clerk.id}/roles/{foreign}/revoke")
    assert answer.status_code == 404
    assert len(grants(engine, firm.stranger)) == 1


def test_who_leaves_is_out_at_once_and_what_waited_is_said(browser, firm, engine):
    clerk = browser().sign_in(firm.clerk)
    with transaction(engine) as session:
        session.get_one(Staff, firm.clerk.id).wecom_userid = "kefu"
        person = Person(community_id=firm.community.id, name="潘超")
        session.add(person)
        session.flush()
        session.add(
            PersonChannel(community_id=firm.community.id, person_id=person.id,
                          external_userid="wm1", follower_userid="kefu", bound_at=firm.at)
        )  # fmt: skip
        session.add(
            ApiToken(staff_id=firm.clerk.id, name="x", token_hash=b"x", scopes=[], made_at=firm.at,
                     made_by="x", ends_at=firm.at)
        )  # fmt: skip
    window = browser().sign_in(firm.head)
    path = f"/desk/staff/{firm.clerk.id}"
    asked = window.get(f"{path}/leave")
    said = words(asked)
    assert "停用王客服的账号，1 台设备立刻退出" in said
    assert "1 位业主在企业微信里由这位同事联系" in said
    assert clerk.get("/desk").status_code == 200, "nothing has happened yet"
    opened = re.search(r'name="opened" value="([^"]+)"', asked.text)[1]
    gone = words(window.follow(window.post(f"{path}/leave", opened=opened)))
    assert "账号已停用" in gone
    assert clerk.get("/desk").status_code == 401
    with transaction(engine) as session:
        row = session.get_one(Staff, firm.clerk.id)
        assert row.left_at is not None
        assert session.scalars(select(ApiToken)).one().revoked_at is not None
        live = select(DeskSession).where(
            DeskSession.staff_id == firm.clerk.id, DeskSession.ended_at.is_(None)
        )
        assert session.scalars(live).all() == []
    assert "账号已停用，不能登录" in words(window.post(f"{path}/link"))
    assert "账号已恢复" in words(window.follow(window.post(f"{path}/return")))


def test_nobody_closes_their_own_account(browser, firm):
    window = browser().sign_in(firm.head)
    answer = window.post(f"/desk/staff/{firm.head.id}/leave")
    assert answer.status_code == 409
    assert "不能停用自己的账号" in words(answer)


def test_the_last_administrator_stays(browser, firm, engine):
    with transaction(engine) as session:
        grant = session.scalars(
            select(StaffRole.id).where(StaffRole.staff_id == firm.admin.id)
        ).one()
    window = browser().sign_in(firm.admin)
    window.get("/desk/staff")
    answer = window.post(f"/desk/staff/{firm.admin.id}/roles/{grant}/revoke")
    assert answer.status_code == 409
    assert "没有人能管理员工和岗位了" in words(answer)
    assert len(grants(engine, firm.admin)) == 1


def test_what_wecom_gave_is_taken_back_in_wecom(browser, firm, engine):
    with transaction(engine) as session:
        row = StaffRole(staff_id=firm.clerk.id, role_id=firm.service.id,
                        community_id=firm.community.id, source=GrantSource.WECOM)  # fmt: skip
        session.add(row)
        session.flush()
        grant = row.id
    window = browser().sign_in(firm.head)
    answer = window.post(f"/desk/staff/{firm.clerk.id}/roles/{grant}/revoke")
    assert answer.status_code == 409
    assert "请在企业微信里取消标签" in words(answer)


def test_signing_out_everywhere(browser, firm):
    first, second = browser().sign_in(firm.clerk), browser().sign_in(firm.clerk)
    window = browser().sign_in(firm.head)
    said = words(window.follow(window.post(f"/desk/staff/{firm.clerk.id}/sessions/end")))
    assert "已让他在所有设备上退出" in said
    assert first.get("/desk").status_code == second.get("/desk").status_code == 401


def test_two_administrators_edit_the_same_colleague(browser, firm):
    window = browser().sign_in(firm.head)
    path = f"/desk/staff/{firm.clerk.id}/edit"
    opened = re.search(r'name="opened" value="([^"]+)"', window.get(path).text)[1]
    form = {"login": "kefu", "position": "", "wecom_userid": "", "opened": opened}
    assert window.post(path, name="王小明", **form).status_code == 303
    late = window.post(path, name="王大明", **form)
    assert late.status_code == 409
    assert "有人刚刚改过这位同事" in words(late)
    assert "王大明" in late.text
