"""Roles at the desk: what saving would change is said first, and nobody locks everybody out."""

import re

import pytest

from domain.session import transaction
from domain.staff.defaults import DEFAULT_ROLES
from domain.staff.joining import join
from domain.staff.model import Role, RoleField
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


def test_names_are_text(root, firm):  # noqa: F811
    root.get("/desk/roles/new")
    name = "<script>x</script>"
    assert root.post("/desk/roles/new", name=name, permissions=["rooms.see"]).status_code == 303
    for path in ("/desk/roles", "/desk/staff", "/desk/staff/new", f"/desk/staff/{firm.clerk.id}"):
        assert name not in root.get(path).text
