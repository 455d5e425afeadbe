"""Roles at the desk: what saving would change is said first, and nobody locks everybody out."""

import re

import pytest
from sqlalchemy import select

from domain.history.model import AuditEntry
from domain.session import transaction
from domain.staff.defaults import DEFAULT_ROLES
from domain.staff.joining import join
from domain.staff.model import Role, RoleField, StaffRole, WecomTag
from tests.gateway.web.conftest import words
from tests.gateway.web.test_staff import firm  # noqa: F401 - a fixture

OPENED = re.compile(r'name="opened" value="([^"]+)"')


@pytest.fixture
def root(browser, firm):  # noqa: F811
    """A browser of the company's administrator."""
    return browser().sign_in(firm.admin)


def form(code: str, *, add=(), drop=(), **extra):
    """A default role as its form would send it, with some ticks changed."""
    role = DEFAULT_ROLES[code]
    ticked = [one for one in (*role.permissions, *add) if one not in drop]
    return {"name": role.name, "permissions": ticked, "phone": role.phone.value,
            "id_number": role.id_number.value, **extra}  # fmt: skip


def opened(window, role) -> str:
    return OPENED.search(window.get(f"/desk/roles/{role.id}").text)[1]


def test_a_change_says_whom_it_touches_before_it_happens(root, browser, firm, engine):  # noqa: F811
    clerk = browser().sign_in(firm.clerk)
    assert clerk.get("/desk/bills").status_code == 403
    path, at = f"/desk/roles/{firm.service.id}", opened(root, firm.service)
    sent = form("service", add=["bills.see"], drop=["imports.apply"], phone="masked", opened=at)
    said = words(root.post(f"{path}/confirm", **sent))
    assert "修改「客服」，2 位同事会受影响 外园客服、王客服" in said
    assert "以后可以 查看账单和金额" in said
    assert "以后不能 导入数据" in said
    assert "电话：填写原因后看全部 → 只看打码" in said
    assert clerk.get("/desk/bills").status_code == 403, "nothing has changed yet"
    assert root.post(f"{path}/edit", **sent).status_code == 303
    assert clerk.get("/desk/bills").status_code == 200, "the next click already may"
    again = root.post(f"{path}/edit", **sent)
    assert again.status_code == 409
    assert "有人刚刚改过这个岗位" in words(again)
    with transaction(engine) as session:
        assert "bills.see" in session.get_one(Role, firm.service.id).permissions


def test_a_role_held_elsewhere_is_changed_by_the_company_only(browser, firm, engine):  # noqa: F811
    head = browser().sign_in(firm.head)
    head.get("/desk/roles")
    path = f"/desk/roles/{firm.service.id}"
    assert head.get(path).status_code == 403
    for door in ("confirm", "edit"):
        answer = head.post(f"{path}/{door}", **form("service", add=["bills.see"]))
        assert answer.status_code == 403
        assert "在您管理的范围以外也有人担任" in words(answer)


def test_nobody_adds_what_they_do_not_hold(browser, firm, engine):  # noqa: F811
    with transaction(engine) as session:
        session.add(Role(code="small", name="小管理员", permissions=["roles.edit", "rooms.see"]))
        session.flush()
        small = join(
            session, company_id=firm.company.id, login="small", name="小管理员", role="small",
            community_id=firm.community.id,
        )  # fmt: skip
    window = browser().sign_in(small)
    window.get("/desk/roles/new")
    answer = window.post("/desk/roles/new", name="自己加", permissions=["payments.refund"])
    assert answer.status_code == 403
    assert "您自己在那里没有「退款」的权限" in words(answer)
    answer = window.post("/desk/roles/new", name="自己看", permissions=[], phone="full")
    assert answer.status_code == 403
    assert window.post("/desk/roles/new", name="看房", permissions=["rooms.see"]).status_code == 303


def test_the_last_administrator_is_not_locked_out(root, firm, engine):  # noqa: F811
    path, at = f"/desk/roles/{firm.top.id}", opened(root, firm.top)
    answer = root.post(f"{path}/edit", **form("admin", drop=["roles.edit"], opened=at))
    assert answer.status_code == 409
    assert "没有人能管理员工和岗位了" in words(answer)
    with transaction(engine) as session:
        assert "roles.edit" in session.get_one(Role, firm.top.id).permissions
        assert session.query(RoleField).filter_by(role_id=firm.top.id).count() == 2


@pytest.mark.parametrize(
    ("sent", "status", "why"),
    [
        ({"name": ""}, 422, "请填写岗位名称"),
        ({"name": "客服"}, 409, "已经有叫「客服」的岗位了"),
        ({"permissions": ["everything"]}, 422, "有不认识的权限"),
        ({"phone": "all"}, 422, "请选择电话和身份证号各能看到多少"),
    ],
)
def test_what_is_wrong_is_said_and_the_ticks_are_kept(root, sent, status, why):
    root.get("/desk/roles/new")
    form_ = {"name": "夜班客服", "permissions": ["rooms.see"], "id_number": "masked", **sent}
    answer = root.post("/desk/roles/new", **form_)
    assert answer.status_code == status
    assert why in words(answer)
    assert '<option value="masked" selected>' in answer.text


def test_roles_are_a_list_like_any_other(root, firm):  # noqa: F811
    root.get("/desk/roles")
    said = words(root.follow(root.post("/desk/roles/search", q="收费")))
    assert "收费员" in said
    assert "共 1 个岗位" in said
    assert "共 5 个岗位" in words(root.get("/desk/roles?held=no"))
    by_holders = root.get("/desk/roles?sort=-holders").text
    assert by_holders.index("系统管理员") < by_holders.index("收费员")
    assert root.post("/desk/roles/export", purpose="年度核对").status_code == 200


def test_names_are_text(root, firm):  # noqa: F811
    root.get("/desk/roles/new")
    name = "<script>x</script>"
    assert root.post("/desk/roles/new", name=name, permissions=["rooms.see"]).status_code == 303
    for path in ("/desk/roles", "/desk/staff", "/desk/staff/new", f"/desk/staff/{firm.clerk.id}"):
        assert name not in root.get(path).text


def made(window, engine, name="夜班客服", like=None) -> Role:
    """A role of the desk's making, nobody's yet."""
    window.get(f"/desk/roles/new?like={like.id}" if like else "/desk/roles/new")
    sent = window.post("/desk/roles/new", name=name, permissions=["rooms.see", "people.see"])
    assert sent.status_code == 303
    with transaction(engine) as session:
        return session.scalars(select(Role).where(Role.name == name)).one()


def test_a_role_nobody_holds_is_deleted_after_its_numbers_were_seen(root, firm, engine):  # noqa: F811
    role = made(root, engine)
    path = f"/desk/roles/{role.id}/remove"
    assert path in root.get(f"/desk/roles/{role.id}").text
    page = root.get(path)
    assert "删除岗位「夜班客服」 担任的同事 0 位 带的权限 2 项" in words(page)
    form_ = {"opened": OPENED.search(page.text)[1]}
    done = root.follow(root.post(path, **form_))
    assert "岗位已删除" in words(done)
    assert "夜班客服" not in words(done)
    assert root.post(path, **form_).status_code == 404, "a second click finds nothing left"
    with transaction(engine) as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (entry.action, entry.detail["name"]) == ("role.remove", "夜班客服")
        audit_page = root.get(f"/desk/audit/{entry.id}")
    assert "删除岗位" in words(audit_page)
    assert f'href="/desk/roles/{role.id}"' not in audit_page.text


def test_a_role_somebody_holds_or_a_tag_gives_stays(root, firm, engine):  # noqa: F811
    path = f"/desk/roles/{firm.service.id}/remove"
    page = root.get(path)
    assert "还有 2 位同事是这个岗位：外园客服、王客服" in words(page)
    assert '<button class="button primary grave"' not in page.text
    sent = root.post(path, opened=opened(root, firm.service))
    assert sent.status_code == 409
    assert "请先到“员工”里取消" in words(sent)
    role = made(root, engine)
    with transaction(engine) as session:
        session.add(WecomTag(wecom_id=7, name="夜班", role_id=role.id))
    sent = root.post(f"/desk/roles/{role.id}/remove", opened=opened(root, role))
    assert sent.status_code == 409
    assert "企业微信的标签「夜班」会给出这个岗位" in words(sent)


def test_a_role_given_while_the_question_was_read_stays(root, firm, engine):  # noqa: F811
    role = made(root, engine)
    at = opened(root, role)
    with transaction(engine) as session:
        session.add(StaffRole(staff_id=firm.clerk.id, role_id=role.id))
    sent = root.post(f"/desk/roles/{role.id}/remove", opened=at)
    assert sent.status_code == 409
    assert "还有 1 位同事" in words(sent)


def test_another_role_may_serve_as_a_model(root, browser, firm):  # noqa: F811
    page = root.get(f"/desk/roles/new?like={firm.service.id}")
    assert "照「客服」先勾好了" in words(page)
    assert page.text.count(" checked") == len(DEFAULT_ROLES["service"].permissions)
    assert root.get("/desk/roles/new?like=999999").status_code == 404
    head = browser().sign_in(firm.head)
    assert head.get(f"/desk/roles/new?like={firm.service.id}").status_code == 403
