"""Finding the household, and seeing what is owed there."""

from datetime import date

import pytest
from sqlalchemy import select

from domain.bills.model import Bill, BillStatus
from domain.company.model import Community
from domain.payments.model import PrepaymentAccount
from domain.session import transaction
from tests.gateway.web import demo
from tests.gateway.web.conftest import statements, words


@pytest.fixture
def till(browser, scene):
    """A cashier's browser over the demo household and a neighbour."""
    with scene() as office:
        demo.household(office)
        office.bill(office.room("5-1-102", owner="程静"), 5_000)
        office.room("5-2-1003", owner="潘超")
        cashier = office.staff("li", "李收银", ["payments.take", "bills.see"])
    return browser().sign_in(cashier)


def found(till, words_typed):
    return till.follow(till.post("/desk/counter/search", q=words_typed))


@pytest.mark.parametrize(
    "typed", ["5-1-102", "5栋1单元102室", "５－１－１０２", " 程静 ", "程", "5号楼1-102", "102"]
)
def test_one_room_found_opens_at_once(till, typed):
    answer = till.post("/desk/counter/search", q=typed)
    assert answer.headers["location"].startswith("/desk/counter/rooms/")
    assert "本房待收账单" in words(till.get(answer.headers["location"]))


def test_several_rooms_are_listed_with_what_they_owe(till):
    page = found(till, "欧阳")
    assert "找到 2 套房屋" in words(page)
    assert "5-1-101 翠湖花园 · 住宅 欧阳文静 2 张 ¥480.64" in words(page)
    assert "5-2-1003 翠湖花园 · 住宅 潘超 不欠费" in words(found(till, "5-"))


def test_names_never_stand_in_the_address(till):
    answer = till.post("/desk/counter/search", q="欧阳")
    assert "欧阳" not in answer.headers["location"]
    assert "%E6" not in answer.headers["location"]
    assert till.get("/desk/counter?s=forged").status_code == 404


def test_a_bill_number_opens_its_room_with_that_bill_chosen(till, engine):
    with transaction(engine) as session:
        no = session.scalars(select(Bill.no).where(Bill.status == BillStatus.PARTLY_PAID)).one()
    page = found(till, no.lower())
    assert page.text.count(" checked>") == 2  # the bill and the method
    assert "已选账单欠款 ¥162.33" in words(page)


@pytest.mark.parametrize(
    "typed",
    [
        "' OR '1'='1",
        "%",
        "_",
        "\\",
        "'; DROP TABLE bill; --",
        "<script>alert(1)</script>",
        "\x00",
        "🏠",
    ],
)
def test_hostile_and_odd_words_find_nothing_and_break_nothing(till, typed):
    answer = till.post("/desk/counter/search", q=typed)
    page = till.follow(answer)
    assert page.status_code == 200
    assert "套房屋" not in words(page)
    assert "<script>alert" not in page.text


def test_an_empty_search_and_an_empty_result_say_what_to_do(till):
    assert till.post("/desk/counter/search", q="  ").headers["location"] == "/desk/counter"
    said = words(found(till, "9-9-999"))
    assert "没有找到“9-9-999”" in said
    assert "房号写成 5-1-101" in said


def test_the_room_page_groups_debts_by_who_owes_them(browser, scene):
    with scene() as office:
        room = office.room("1-1-101", owner=None)
        before, now = office.person("程静"), office.person("潘超")
        office.lives(room, before, until=date(2026, 6, 1))
        office.lives(room, now, since=date(2026, 6, 1))
        office.bill(room, 1_000, month=date(2026, 5, 1), payer=before)
        office.bill(room, 2_000, month=date(2026, 11, 1), payer=now)
        manager = office.manager
    till = browser().sign_in(manager)
    page = till.get(f"/desk/counter/rooms/{room.id}")
    said = words(page)
    assert said.index("本房待收账单 1 张") < said.index("以前的缴费人欠下的账单 1 张")
    assert "已选账单欠款 ¥20.00" in said
    assert 'value="20.00"' in page.text


def test_the_owners_word_on_prepayment_is_kept(till, engine):
    page = found(till, "5-1-102")
    assert "现在不会自动抵扣" in words(page)
    path = page.url.path
    person = page.text.split('name="person_id" value="')[1].split('"')[0]
    answer = till.post(f"{path}/prepayment", person_id=person, auto="yes")
    assert "业主已同意" in words(till.follow(answer))
    with transaction(engine) as session:
        assert [one.auto_deduct for one in session.query(PrepaymentAccount)] == [True]
    assert till.post(f"{path}/prepayment", person_id="1", auto="yes").status_code == 404
    assert "现在不会" in words(
        till.follow(till.post(f"{path}/prepayment", person_id=person, auto="no"))
    )


def test_another_community_is_out_of_reach(browser, scene):
    with scene() as office:
        cashier = office.staff("li", "李收银", ["payments.take", "bills.see"])
        here = office.community
        office.community = office._add(Community(company_id=here.company_id, name="别处花园"))
        there = office.room("1-1-101")
        bill = office.bill(there, 1_000)
    till = browser().sign_in(cashier)
    assert "没有找到" in words(found(till, "1-1-101"))
    for path in (f"/desk/counter/rooms/{there.id}", f"/desk/bills/{bill.no}"):
        answer = till.get(path)
        assert answer.status_code == 403
        assert "李收银没有「" in words(answer)
    answer = till.post(f"/desk/counter/rooms/{there.id}/confirm", bills=[bill.id], amount="1")
    assert answer.status_code == 403
    for odd in ("0", "-1", "x", "9" * 30):
        assert till.get(f"/desk/counter/rooms/{odd}").status_code == 404


def test_who_may_not_take_money_has_no_counter(browser, scene):
    with scene() as office:
        reader = office.staff("xu", "徐客服", ["letters.handle"])
    answer = browser().sign_in(reader).get("/desk/counter")
    assert answer.status_code == 403
    assert "没有「收款」的权限" in words(answer)


def test_a_bill_at_the_desk_opens_the_rows_behind_it(till):
    page = found(till, "5-1-101")
    link = page.text.split('href="/desk/bills/')[2].split('"')[0]
    said = words(till.get(f"/desk/bills/{link}"))
    assert "欧阳文静" in said
    assert "为什么是这个数" in said
    assert "收这张账单" in said
    assert till.get("/desk/bills/ZD20261199999999").status_code == 404


def test_the_counter_asks_the_database_a_bounded_number_of_questions(till, engine, scene):
    path = found(till, "5-1-101").url.path
    with statements(engine) as sent:
        till.get(path)
    assert len(sent) <= 7, len(sent)
    with statements(engine) as sent:
        till.get("/desk/counter")
    assert len(sent) <= 4, len(sent)
    with statements(engine) as sent:
        till.get("/desk")
    assert len(sent) <= 6, len(sent)
