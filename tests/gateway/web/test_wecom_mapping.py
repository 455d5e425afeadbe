"""企业微信对应: tags and departments are mapped by who holds it all in the whole company."""

import pytest
from sqlalchemy import select, update

from domain import clock
from domain.inbox.model import InboundEvent
from domain.session import transaction
from domain.staff.defaults import ensure_roles
from domain.staff.model import Role, StaffRole, WecomDepartment, WecomTag
from tests.gateway.web.conftest import statements, words


@pytest.fixture
def company(scene):
    """Contacts that were read, an administrator of everything, and one of a community only."""
    with scene() as office:
        session = office.session
        ensure_roles(session)
        session.add_all(
            [
                WecomTag(wecom_id=7, name="收费岗"),
                WecomTag(wecom_id=8, name="旧标签", gone_at=clock.now()),
                WecomDepartment(wecom_id=1, parent_wecom_id=0, name="安心物业"),
                WecomDepartment(wecom_id=2, parent_wecom_id=1, name="翠湖项目部"),
                WecomDepartment(wecom_id=3, parent_wecom_id=2, name="工程班"),
            ]
        )
        session.flush()
        office.here = office.staff("local", "本地管理员", ["roles.edit", "bills.see"])
        admin = session.scalar(select(Role.id).where(Role.code == "admin"))
        session.execute(
            update(StaffRole)
            .where(StaffRole.staff_id == office.manager.id)
            .values(role_id=admin, community_id=None)
        )
    return office


def row(engine, table, wecom_id):
    with transaction(engine) as session:
        return session.scalars(select(table).where(table.wecom_id == wecom_id)).one()


def role(engine, code) -> int:
    with transaction(engine) as session:
        return session.scalars(select(Role.id).where(Role.code == code)).one()


def wishes(engine) -> int:
    with transaction(engine) as session:
        return len(session.scalars(select(InboundEvent.id)).all())


def test_a_tag_gets_a_role_and_the_sync_is_wanted_at_once(browser, company, engine):
    desk = browser().sign_in(company.manager)
    said = words(desk.get("/desk/staff/wecom"))
    assert "收费岗" in said
    assert "旧标签" not in said
    assert said.index("安心物业") < said.index("翠湖项目部") < said.index("工程班")
    tag, cashier = row(engine, WecomTag, 7), role(engine, "cashier")
    answer = desk.post(f"/desk/staff/wecom/tags/{tag.id}", role=cashier, seen="")
    assert "一分钟内会按新的对应" in words(desk.follow(answer))
    assert row(engine, WecomTag, 7).role_id == cashier
    assert wishes(engine) == 1
    late = desk.post(f"/desk/staff/wecom/tags/{tag.id}", role="", seen="")
    assert late.status_code == 409
    assert "别人刚改过" in words(late)
    assert row(engine, WecomTag, 7).role_id == cashier


def test_a_department_holds_somewhere_everywhere_or_as_the_one_above(browser, company, engine):
    desk = browser().sign_in(company.manager)
    desk.get("/desk/staff/wecom")
    one = row(engine, WecomDepartment, 2)
    path, here = f"/desk/staff/wecom/departments/{one.id}", str(company.community.id)
    assert desk.post(path, scope=here, seen="").status_code == 303
    assert "跟上级部门一样" in words(desk.get("/desk/staff/wecom"))
    assert desk.post(path, scope="all", seen=here).status_code == 303
    now = row(engine, WecomDepartment, 2)
    assert (now.community_id, now.whole_company) == (None, True)
    for bad in ("999999", "²", "1; drop", "-1"):
        assert desk.post(path, scope=bad, seen="all").status_code == 422
    assert desk.post(path, scope="", seen="all").status_code == 303
    assert desk.post("/desk/staff/wecom/departments/999", scope="", seen="").status_code == 404
    before = wishes(engine)
    for _ in range(2):
        assert desk.post("/desk/staff/wecom/sync").status_code == 303
    assert wishes(engine) in (before + 1, before + 2)  # two clicks may fall into two minutes


def test_who_runs_one_community_maps_nothing(browser, company, engine):
    desk = browser().sign_in(company.here)
    assert desk.get("/desk/staff/wecom").status_code == 403
    tag = row(engine, WecomTag, 7)
    path = f"/desk/staff/wecom/tags/{tag.id}"
    assert desk.post(path, role=role(engine, "admin"), seen="").status_code == 403
    with transaction(engine) as session:  # everywhere, but not all that an administrator holds
        session.execute(
            update(StaffRole).where(StaffRole.staff_id == company.here.id).values(community_id=None)
        )
    desk.get("/desk/staff/wecom")
    assert desk.post(path, role=role(engine, "admin"), seen="").status_code == 403
    assert row(engine, WecomTag, 7).role_id is None


def test_the_page_asks_a_bounded_number_of_questions(browser, company, engine):
    desk = browser().sign_in(company.manager)
    with transaction(engine) as session:
        session.add_all(
            WecomDepartment(wecom_id=100 + n, parent_wecom_id=1, name=f"部门{n}") for n in range(60)
        )
    with statements(engine) as sent:
        assert desk.get("/desk/staff/wecom").status_code == 200
    assert len(sent) < 16
