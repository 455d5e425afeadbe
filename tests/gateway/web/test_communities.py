"""小区 as a list: scoped, searched, sorted, paged and taken out like every other."""

import io
from urllib.parse import quote

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from domain.company.model import Community
from domain.history.model import AuditEntry
from domain.listing import PAGE_ROWS
from domain.session import transaction
from domain.staff.model import Role, StaffRole
from tests.gateway.web.conftest import statements, words

LIST = "/desk/company/communities"
MOST_STATEMENTS = 9


@pytest.fixture
def everywhere(scene, browser):
    """Who sets up every community: the office's own, two more, and as many as fill a page."""
    with scene() as office:
        admin = office.staff("zong", "宗总", [])
        role = office._add(Role(code="all", name="总管", permissions=["company.edit", "rooms.see"]))
        office._add(StaffRole(staff_id=admin.id, role_id=role.id))
        for name, days, most in (("滨江苑", 7, 5_000_000), ("=cmd|'/c calc'!A0", 60, None)):
            office._add(
                Community(
                    company_id=office.company.id, name=name, bill_due_days=days,
                    auto_approve_total_fen=most, phone="021-5555 0100",
                )
            )  # fmt: skip
        office.room("5-1-101")
    window = browser().sign_in(admin)
    window.office = office
    window.get(LIST)
    return window


def table(page) -> list[str]:
    return page.text.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]


def test_a_row_says_who_signs_whom_to_call_and_how_many_live_there(everywhere):
    said = words(everywhere.get(LIST))
    assert "共 3 个小区" in said
    assert "滨江苑 021-5555 0100 — 安心物业 7 ¥50,000.00 0 0 套" in said
    assert "1 套" in said


@pytest.mark.parametrize(
    ("address", "first", "count"),
    [
        ("?sort=due", "滨江苑", 3), ("?sort=-due", "=cmd", 3), ("?sort=rooms", "翠湖花园", 3),
        ("?approval=limits", "滨江苑", 1), ("?approval=people", "=cmd", 2),
        ("?approval=nonsense&page=99", "=cmd", 3),
    ],
)  # fmt: skip
def test_it_is_sorted_and_filtered(everywhere, address, first, count):
    rows = table(everywhere.get(f"{LIST}{address}"))
    assert len(rows) == count
    assert first in rows[0]


@pytest.mark.parametrize(
    ("sought", "count"), [("滨江", 1), ("5555", 2), ("%", 0), ("' OR 1=1 --", 0), ("<b>", 0)]
)
def test_it_is_searched_and_the_words_stay_out_of_the_address(everywhere, sought, count):
    answer = everywhere.post(f"{LIST}/search", q=sought)
    assert quote(sought) not in answer.headers["location"] or sought == "%"
    found = everywhere.follow(answer)
    assert len(table(found)) == count if count else "没有符合条件的小区" in words(found)


def test_it_is_paged_in_few_statements(everywhere, engine):
    with transaction(engine) as session:
        company_id = session.scalars(select(Community.company_id)).first()
        session.add_all(
            Community(company_id=company_id, name=f"小区 {n:02d}") for n in range(PAGE_ROWS)
        )
    with statements(engine) as sent:
        page = everywhere.get(f"{LIST}?sort=name&page=2")
    assert len(sent) <= MOST_STATEMENTS
    assert (len(table(page)), "第 2 / 2 页" in words(page)) == (3, True)


def test_it_is_taken_out_without_formulas_and_on_record(everywhere, engine):
    taken = everywhere.post(f"{LIST}/export?sort=due", purpose="核对小区资料")
    assert 'filename="company-communities-' in taken.headers["content-disposition"], "no folder"
    sheet = load_workbook(io.BytesIO(taken.content)).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [
        "滨江苑", "翠湖花园", "=cmd|'/c calc'!A0",
    ]  # fmt: skip
    assert {row[0].data_type for row in sheet.iter_rows(min_row=2)} == {"s"}
    with transaction(engine) as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.detail["rows"]) == ("company/communities.export", 3)


def test_who_sets_up_one_community_sees_that_one_and_no_amount_of_rooms(scene, browser):
    with scene() as office:
        manager = office.manager
        role = office.session.get_one(Role, office.session.scalars(
            select(StaffRole.role_id).where(StaffRole.staff_id == manager.id)).one())  # fmt: skip
        role.permissions = ["company.edit"]
        office._add(Community(company_id=office.company.id, name="别处花园"))
    page = browser().sign_in(manager).get(LIST)
    assert "共 1 个小区" in words(page)
    assert "别处花园" not in page.text
    assert "/desk/rooms?community" not in page.text


def test_what_was_saved_is_said_above_the_list(everywhere):
    assert "小区设置已保存" in words(everywhere.get(f"{LIST}?done=edited"))
    assert "小区设置已保存" not in words(everywhere.get(f"{LIST}?done=<b>"))
