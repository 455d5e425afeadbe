"""An owner opens the link of a letter."""

from datetime import date, timedelta

from sqlalchemy import select

from domain import clock
from domain.history.model import StatusChange
from domain.letters.model import Letter, LetterStatus
from domain.people.model import Person
from domain.session import transaction
from statemachines import bill as bills
from tests.gateway.web import demo
from tests.gateway.web.conftest import statements, words


def test_the_page_lists_what_is_owed_first(browser, scene, owner_path):
    with scene() as office:
        demo.household(office)
        owner = office.session.scalars(select_person()).one()
    said = words(browser().get(owner_path(owner)))
    assert "待缴合计 ¥630.64" in said
    assert "其中 1 张已逾期" in said
    assert said.index("2026年9月") < said.index("2026年11月") < said.index("以前的账单")
    assert "欧***" in said
    assert "欧阳" not in said
    assert "138" not in said
    assert "怎么缴费" in said
    assert "021-5555 0100" in said


def test_a_bill_says_why_it_is_what_it_is(browser, scene, owner_path):
    with scene() as office:
        bill = demo.household(office)
        owner = office.session.scalars(select_person()).one()
    said = words(browser().get(f"{owner_path(owner)}/{bill.no}"))
    assert "物业服务费 ¥250.66 为什么是这个数" in said
    assert "89.52 ㎡" in said
    assert "第2阶梯 6 4.35 元 ¥26.10" in said
    assert "还需缴 ¥318.31" in said
    assert "其中增值税 ¥14.19" in said


def test_payments_receipts_and_prepayment_are_shown(browser, scene, owner_path):
    with scene() as office:
        room = office.room()
        bill = office.bill(room, 10_000)
        demo.pay(office, [bill], 4_000, "one")
        demo.pay(office, [bill], 6_500, "two")
        owner = office.session.scalars(select_person()).one()
    path = owner_path(owner)
    page, said = browser().get(f"{path}/{bill.no}"), words(browser().get(path))
    assert "已缴清" in words(page)
    assert page.text.count("SJ2") == 2
    assert "¥60.00" in words(page)
    assert "预存款 ¥5.00" in words(page)
    assert "没有待缴的账单" in said
    assert "预存款余额 ¥5.00" in said


def test_an_owner_without_bills_is_told_what_will_come(browser, scene, owner_path):
    with scene() as office:
        owner = office.person("程静")
    assert "还没有账单" in words(browser().get(owner_path(owner)))


def test_long_history_opens_on_request(browser, scene, owner_path):
    with scene() as office:
        room = office.room()
        many = [office.bill(room, 100, month=date(2025, n, 1)) for n in range(1, 13)]
        many += [office.bill(room, 100, month=date(2026, n, 1)) for n in range(1, 3)]
        demo.pay(office, many, 1_400, "all")
        owner = office.session.scalars(select_person()).one()
    path = owner_path(owner)
    assert "2025年1月" not in words(browser().get(path))
    assert "2025年1月" in words(browser().get(f"{path}?more=1"))


def test_drafts_and_other_peoples_bills_are_not_found(browser, scene, owner_path):
    with scene() as office:
        mine, other = office.room(), office.room("1-1-102", owner="程静")
        draft = office.bill(mine, 100, issued=False)
        foreign = office.bill(other, 100)
        owner = office.session.get_one(Person, draft.payer_id)
    path, window = owner_path(owner), browser()
    for no in (draft.no, foreign.no, "ZD20261199999999", "ZD0' OR 1=1 --", "%00", "opened"):
        answer = window.get(f"{path}/{no}")
        assert answer.status_code == 404, no
        assert "没有" in words(answer)
    assert "还没有账单" in words(window.get(path))


def test_a_reversed_bill_is_shown_as_withdrawn(browser, scene, owner_path):
    with scene() as office:
        bill = office.bill(office.room(), 10_000)
        demo.pay(office, [bill], 10_000, "one")
        bills.reverse(office.session, bill.id, by=office.by, at=office.at, note="面积有误")
        owner = office.session.scalars(select_person()).one()
    said = words(browser().get(f"{owner_path(owner)}/{bill.no}"))
    assert "已撤销，不用缴" in said
    assert "预存款 ¥100.00" in said


def test_links_that_are_broken_or_old_say_how_to_go_on(browser, scene, owner_path, config):
    with scene() as office:
        owner = office.person("程静")
    window = browser()
    for path in (
        "/h5/b/nonsense",
        owner_path(owner)[:-3] + "xyz",
        "/h5/b/nonsense/ZD20261100000001",
    ):
        answer = window.get(path)
        assert answer.status_code == 403
        assert "请从原来的消息里重新点开" in words(answer)
    old = owner_path(owner, at=clock.now() - timedelta(days=config.owner_link_days, minutes=1))
    answer = window.get(old)
    assert answer.status_code == 410
    assert "新的链接" in words(answer)
    assert window.http.post(f"{old}/opened").status_code == 410


def test_previews_leave_the_letter_and_a_person_opens_it_once(browser, scene, owner_path, engine):
    with scene() as office:
        owner = office.person("程静")
        letter = sent_letter(office, owner)
    path, window = owner_path(owner, letter_id=letter.id), browser()
    page = window.get(path)
    assert status_of(engine, letter) == LetterStatus.SENT
    assert f'data-opened="{path}/opened"' in page.text
    for _ in range(2):
        assert window.http.post(f"{path}/opened").status_code == 204
    assert status_of(engine, letter) == LetterStatus.OPENED
    with transaction(engine) as session:
        verbs = select(StatusChange.verb).where(StatusChange.thing == "letter")
        assert session.scalars(verbs.order_by(StatusChange.id)).all()[-1:] == ["open"]
    assert "data-opened" not in window.get(owner_path(owner)).text


def test_what_people_called_themselves_is_text_and_not_html(browser, scene, owner_path):
    with scene() as office:
        evil = "<script>alert(1)</script>"
        office.company.name = evil
        owner = office.person(evil)
        room = office.room(owner=None)
        office.lives(room, owner)
        bill = office.bill(room, 100)
    for path in (owner_path(owner), f"{owner_path(owner)}/{bill.no}"):
        page = browser().get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text


def test_the_number_of_queries_does_not_grow_with_bills(browser, scene, owner_path, engine):
    with scene() as office:
        room = office.room()
        for month in range(1, 11):
            bill = office.bill(room, 100 * month, month=date(2026, month, 1))
        owner = office.session.scalars(select_person()).one()
    window, path = browser(), owner_path(owner)
    with statements(engine) as sent:
        window.get(path)
    assert len(sent) <= 3, sent
    with statements(engine) as sent:
        window.get(f"{path}/{bill.no}")
    assert len(sent) <= 12, sent


def select_person():
    return select(Person).order_by(Person.id).limit(1)


def sent_letter(office, owner) -> Letter:
    letter = Letter(
        community_id=office.community.id, person_id=owner.id, kind="bill.issued", key="one",
        facts={}, status=LetterStatus.SENT, queued_at=office.at, not_before=office.at,
    )  # fmt: skip
    office.session.add(letter)
    office.session.flush()
    return letter


def status_of(engine, letter) -> LetterStatus:
    with transaction(engine) as session:
        return session.get_one(Letter, letter.id).status
