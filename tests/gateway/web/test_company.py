"""企业设置: saved once, shown on owners' pages, receipts and messages."""

import pytest
from sqlalchemy import select

from domain.company.model import Community, Company
from domain.history.model import AuditEntry
from domain.people.model import Person
from domain.session import transaction
from domain.staff.model import Role, StaffRole
from tests.gateway.web import demo
from tests.gateway.web.conftest import words

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(40)
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(40)


@pytest.fixture
def everywhere(scene, browser):
    """An administrator of the whole company, at the desk."""
    with scene() as office:
        admin = office.staff("zong", "宗总", [])
        role = office._add(Role(code="all", name="总管", permissions=["company.edit"]))
        office._add(StaffRole(staff_id=admin.id, role_id=role.id))
        office.admin = admin
    window = browser().sign_in(admin)
    window.office = office
    window.get("/desk/company")
    return window


def opened(page) -> str:
    return page.text.split('name="opened" value="')[1].split('"')[0]


def stored(engine):
    with transaction(engine) as session:
        return session.scalars(select(Company)).one()


def test_the_company_is_saved_and_recorded_without_its_words(everywhere, engine):
    form = {
        "name": "安居物业",
        "phone": "021-5555 0100",
        "sender_name": "安居",
        "address": "滨江路 8 号",
    }
    page = everywhere.get("/desk/company")
    answer = everywhere.post("/desk/company", opened=opened(page), **form)
    assert "已保存" in words(everywhere.follow(answer))
    assert stored(engine).sender_name == "安居"
    with transaction(engine) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "company.edit")).one()
    assert entry.detail == {"fields": ["name", "phone", "address", "sender_name"]}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": " "}, "请填写企业名称"),
        ({"sender_name": "安居】快点"}, "消息署名不能有"),
        ({"sender_name": "安" * 21}, "消息署名最多 20 个字"),
    ],
)
def test_a_refusal_keeps_what_was_typed(everywhere, changed, said):
    page = everywhere.get("/desk/company")
    form = {"name": "安居物业", "address": "滨江路 8 号", **changed}
    answer = everywhere.post("/desk/company", opened=opened(page), **form)
    assert answer.status_code == 422
    assert said in words(answer)
    assert "滨江路 8 号" in answer.text


def test_who_saves_second_is_told(everywhere):
    page = everywhere.get("/desk/company")
    everywhere.post("/desk/company", opened=opened(page), name="安居物业")
    answer = everywhere.post("/desk/company", opened=opened(page), name="别的物业")
    assert answer.status_code == 409
    assert "有人刚刚改过" in words(answer)
    assert (
        everywhere.post("/desk/company", opened=opened(answer), name="别的物业").status_code == 303
    )


def upload(window, data, name="标志.png"):
    return window.http.post(
        "/desk/company/logo", data={"form_key": window.form_key}, files={"file": (name, data)}
    )


def test_a_logo_is_told_by_its_content_and_shown_to_owners(everywhere, browser, owner_path, engine):
    for bad in (b"", b"<svg onload=alert(1)>" * 9, b"GIF89a" + bytes(60), PNG + bytes(200 * 1024)):
        assert upload(everywhere, bad, "logo.png").status_code == 422
    assert stored(engine).logo is None
    assert upload(everywhere, WEBP, "wrong name.exe").status_code == 303
    with transaction(engine) as session:
        office = everywhere.office
        person = Person(community_id=office.community.id, name="潘超")
        session.add(person)
    assert 'src="/h5/logo"' in browser().get(owner_path(person)).text
    shown = browser().get("/h5/logo")
    assert (shown.content, shown.headers["content-type"]) == (WEBP, "image/webp")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert everywhere.post("/desk/company/logo/remove").status_code == 303
    assert browser().get("/h5/logo").status_code == 204


def test_a_manager_of_one_community_sets_up_that_one_only(scene, browser, engine):
    with scene() as office:
        manager, here = office.manager, office.community
        there = office._add(Community(company_id=office.company.id, name="别处花园"))
    window = browser().sign_in(manager)
    assert "别处花园" not in window.get("/desk/company").text
    assert window.post("/desk/company", name="抢名字").status_code == 403
    assert window.get(f"/desk/company/communities/{there.id}").status_code == 403
    path = f"/desk/company/communities/{here.id}"
    form = {"name": "翠湖花园", "bill_due_days": "15", "sender_name": "翠湖服务中心",
            "auto_total": "１２，３４５．６", "auto_change": "8%"}  # fmt: skip
    page = window.get(path)
    bad = window.post(path, opened=opened(page), **form | {"bill_due_days": "400"})
    assert bad.status_code == 422
    assert "12345" not in bad.text
    assert "１２，３４５．６" in bad.text
    assert window.post(path, opened=opened(page), **form).status_code == 303
    with transaction(engine) as session:
        row = session.get_one(Community, here.id)
    assert (row.bill_due_days, row.auto_approve_total_fen) == (15, 1_234_560)
    assert str(row.auto_approve_change) == "0.080000"
    taken = window.post(path, opened=opened(window.get(path)), **form | {"name": "别处花园"})
    assert taken.status_code == 409


def test_owners_read_who_signs_whom_to_call_and_where(scene, browser, owner_path, engine):
    with scene() as office:
        bill = demo.household(office)
        office.company.address = "滨江路 8 号"
        office.community.phone, office.community.sender_name = "021-6666 0001", "翠湖服务中心"
        payer = office.session.get_one(Person, bill.payer_id)
    said = words(browser().get(owner_path(payer)))
    assert "服务电话 021-6666 0001" in said
    assert "滨江路 8 号" in said


def test_the_receipt_has_the_letterhead(scene, browser):
    with scene() as office:
        demo.household(office)
        office.company.address = "滨江路 8 号"
        office.company.logo, office.company.logo_type = PNG, "image/png"
        office.session.flush()
        manager = office.manager
    window = browser().sign_in(manager)
    number = window.get("/desk/counter").text.split("/desk/counter/receipts/")[1].split('"')[0]
    page = window.get(f"/desk/counter/receipts/{number}")
    assert "翠湖花园 · 电话 021-5555 0100 滨江路 8 号" in words(page)
    assert 'src="/desk/company/logo"' in page.text
