"""Lists at the desk: scoped, filtered, found by words, bounded in queries, never empty-handed."""

import io
import re
from datetime import date

import pytest
from openpyxl import load_workbook

from domain.bills import listing as bill_lists
from domain.company.model import Community
from domain.letters.model import Letter, LetterStatus
from domain.people import listing as people_lists
from gateway.web.desk import (
    audit,
    bills,
    fees,
    imports,
    letters,
    meters,
    payments,
    people,
    rooms,
    runs,
    staff,
)
from tests.gateway.web import demo
from tests.gateway.web.conftest import statements, words

LISTS = ("bills", "payments", "runs", "letters", "imports")
MOST_STATEMENTS = 14


@pytest.fixture
def desk(browser, scene):
    """The demo household, and its manager signed in."""
    with scene() as office:
        office.bill_shown = demo.household(office)
        demo.approvals(office)
    office.window = browser().sign_in(office.manager)
    return office


@pytest.mark.parametrize("key", LISTS)
def test_a_list_needs_few_statements(desk, engine, key):
    with statements(engine) as sent:
        assert desk.window.get(f"/desk/{key}").status_code == 200
    assert len(sent) <= MOST_STATEMENTS


@pytest.mark.parametrize("key", LISTS)
def test_an_empty_list_says_what_will_come(browser, scene, key):
    with scene() as office:
        manager = office.manager
    said = words(browser().sign_in(manager).get(f"/desk/{key}"))
    assert "还没有" in said
    assert "共 0" not in said


def test_dead_letters_come_first_and_say_why(desk):
    said = words(desk.window.get("/desk/letters"))
    assert "1 条消息没有送到" in said
    assert "欧阳文静 账单通知 未送达 业主已删除企业微信好友" in said
    assert said.index("未送达 业主") < said.index("待发送 排在待发里，马上就发")
    assert "1 条消息业主没有收到" in words(desk.window.get("/desk"))


def test_bill_runs_show_month_state_and_figures(desk):
    said = words(desk.window.get("/desk/runs"))
    assert "2026年11月 翠湖花园 — 已建立 — 1,284 ¥412,330.50" in said
    taken = desk.window.post("/desk/runs/export", purpose="年度核对")
    told = load_workbook(io.BytesIO(taken.content)).active
    assert told.cell(2, 1).value == "2026年11月"
    assert told.max_row == 8


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("", 8), ("?status=paid", 5), ("?status=partly_paid", 1), ("?late=yes", 1),
        ("?month=2026-11", 2), ("?month=2026-11&status=paid", 0), ("?month=nonsense", 8),
        ("?community=999999", 8), ("?sort=month&page=99999", 8),
    ],
)  # fmt: skip
def test_bills_are_filtered(desk, address, count):
    said = words(desk.window.get(f"/desk/bills{address}"))
    assert f"共 {count} 张账单" in said if count else "没有符合条件的账单" in said


@pytest.mark.parametrize(
    ("sought", "count"),
    [
        ("欧阳", 8), ("欧阳文静", 8), ("5栋1单元101", 7), ("b1-023", 1), ("5-1", 7),
        ("%", 0), ("' OR 1=1 --", 0), ("<script>alert(1)</script>", 0),
    ],
)  # fmt: skip
def test_bills_are_found_by_room_and_name(desk, sought, count):
    answer = desk.window.follow(desk.window.post("/desk/bills/search", q=sought))
    assert f"共 {count} 张账单" in words(answer) if count else "没有符合条件" in words(answer)
    assert "<script>alert" not in answer.text


def test_a_bill_is_found_by_its_number_and_words_stay_out_of_the_address(desk):
    answer = desk.window.post("/desk/bills/search", q=desk.bill_shown.no.lower())
    assert desk.bill_shown.no not in answer.headers["location"]
    assert "共 1 张账单" in words(desk.window.follow(answer))


def test_payments_are_filtered_and_found(desk):
    window = desk.window
    assert "共 2 笔收款" in words(window.get("/desk/payments?when=today&method=cash"))
    assert "没有符合条件" in words(window.get("/desk/payments?when=yesterday"))
    found = window.follow(window.post("/desk/payments/search", q="5-1-101"))
    assert "共 2 笔收款" in words(found)
    receipt = words(found).split("SJ")[1][:14]
    assert "共 1 笔收款" in words(
        window.follow(window.post("/desk/payments/search", q=f"SJ{receipt}"))
    )


def test_the_tills_of_a_day_add_up(desk):
    said = words(desk.window.get("/desk/payments/days"))
    taken = sum(25_000 + n * 137 for n in range(4, 9)) + 10_000
    assert f"周经理 现金 2 ¥{taken / 100:,.2f} ¥0.00" in said
    assert "这一天没有收款" in words(desk.window.get("/desk/payments/days?day=2020-01-01"))
    assert desk.window.get("/desk/payments/days?day=nonsense&community=x").status_code == 200


def test_only_ones_own_communities_are_listed(browser, scene):
    with scene() as office:
        clerk = office.staff("xu", "徐客服", ["letters.handle"])
        there = office._add(Community(company_id=office.company.id, name="别处花园"))
        office._add(
            Letter(
                community_id=there.id, staff_id=office.manager.id, kind="unknown.kind", key="x",
                facts={}, status=LetterStatus.FAILED, queued_at=office.at, not_before=office.at,
            )
        )  # fmt: skip
        director = office.staff("zong", "宗总", [])
    window = browser().sign_in(clerk)
    assert "还没有消息" in words(window.get("/desk/letters"))
    assert window.get("/desk/runs").status_code == 403
    answer = browser().sign_in(director).get("/desk/letters")
    assert answer.status_code == 403
    assert "没有「处理未送达的消息」的权限" in words(answer)


def test_lists_go_on_to_the_next_page(browser, scene):
    with scene() as office:
        for number in range(51):
            room = office.room(f"7-1-{number}", owner=None)
            office.bill(room, 100, month=date(2026, 11, 1))
    window = browser().sign_in(office.manager)
    first, second = window.get("/desk/bills"), window.get("/desk/bills?page=2")
    assert first.text.count('href="/desk/bills/ZD') == 50
    assert second.text.count('href="/desk/bills/ZD') == 1


SORTED = (audit, bills, fees, imports, letters, meters, payments, people, rooms, runs, staff)


def test_every_column_sorts_both_ways(desk):
    pages = [one.PAGE for one in SORTED]
    sorts = [(page.path, column.sort) for page in pages for column in page.columns if column.sort]
    assert len(sorts) > 8
    for path, sort in sorts:
        for how in (sort, f"-{sort}"):
            assert desk.window.get(f"{path}?sort={how}").status_code == 200, f"{path} {how}"


def test_a_list_turned_round_begins_at_its_end(browser, scene):
    with scene() as office:
        for login in ("an", "bo"):
            office.staff(login, f"同事{login}", ["payments.take"])
        manager = office.manager
    window = browser().sign_in(manager)

    def shown(how: str) -> list[str]:
        found = re.findall(r'href="(/desk/staff/\d+)"', window.get(f"/desk/staff?{how}").text)
        return list(dict.fromkeys(found))

    assert len(shown("sort=state")) > 1
    assert shown("sort=-state") == shown("sort=state")[::-1]


@pytest.mark.parametrize(
    ("key", "of"), [("bills", bill_lists), ("payments", bill_lists), ("people", people_lists)]
)
def test_a_search_that_says_too_little_tells_so(browser, scene, monkeypatch, key, of):
    monkeypatch.setattr(of, "WEIGHED", 1)
    with scene() as office:
        for door, name in (("101", "李一"), ("102", "李二")):
            room, person = office.room(f"1-1-{door}"), office.person(name)
            office.lives(room, person, pays=False)
            office.bill(room, 100, payer=person)
    window = browser().sign_in(office.manager)
    for words_, told in (("李", True), ("李一", False)):
        window.get(f"/desk/{key}")
        said = words(window.follow(window.post(f"/desk/{key}/search", q=words_)))
        assert (f"符合“{words_}”的房屋或业主超过 1 个，这里只查了其中" in said) is told, said
