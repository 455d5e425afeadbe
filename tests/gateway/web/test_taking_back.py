"""红冲, refunds and letters tried again: asked once more in numbers, done once, told honestly."""

from datetime import date

import pytest
from sqlalchemy import select

from domain.bills.model import Bill, BillStatus
from domain.history.model import AuditEntry
from domain.letters.model import Channel, Letter, LetterAttempt, LetterStatus, Outcome
from domain.payments.model import Payment, PaymentStatus, PrepaymentAccount
from domain.people.model import Occupancy, OccupancyRole, Person
from domain.session import transaction
from statemachines.payment import take_at_counter
from tests.gateway.web import demo
from tests.gateway.web.conftest import words


@pytest.fixture
def desk(browser, scene):
    """A bill of ¥150.00 of which ¥100.00 is paid, and the manager signed in."""
    with scene() as office:
        office.paid = office.bill(office.room("1-1-101"), 15_000)
        office.payment = take_at_counter(
            office.session, [office.paid.id], 10_000, method="cash", request_key="one",
            by=office.by, at=office.at, note=None,
        )  # fmt: skip
        office.looker = office.staff("kan", "看看", ["bills.see", "payments.see"])
    office.window = browser().sign_in(office.manager)
    office.at_bill = f"/desk/bills/{office.paid.no}"
    office.at_payment = f"/desk/payments/{office.payment.receipt_no}"
    return office


def reverse(desk, *, note="楼栋登记错了", seen=10_000):
    return desk.window.post(f"{desk.at_bill}/reverse", note=note, seen_paid_fen=seen)


def test_reversing_a_bill_says_what_becomes_of_the_money(desk, engine):
    said = words(desk.window.get(f"{desk.at_bill}/reverse"))
    assert "红冲 1-1-101 2026年11月的账单 ¥150.00，已缴的 ¥100.00 转入潘超的预存款" in said
    done = words(desk.window.follow(reverse(desk)))
    assert "账单已红冲" in done
    assert "已红冲" in done
    with transaction(engine) as session:
        assert session.get_one(Bill, desk.paid.id).status == BillStatus.REVERSED
        assert session.scalars(select(PrepaymentAccount.balance_fen)).one() == 10_000
    again = reverse(desk)
    assert again.status_code == 409
    assert "这张账单已红冲，不能红冲" in words(again)


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"note": " "}, 422, "请写明红冲的原因"),
        ({"seen": 0}, 409, "刚刚收了款或退了款"),
        ({"seen": "nonsense"}, 409, "刚刚收了款或退了款"),
    ],
)
def test_a_bill_that_moved_or_has_no_reason_is_not_reversed(desk, engine, form, status, said):
    answer = reverse(desk, **form)
    assert answer.status_code == status
    assert said in words(answer)
    assert "确认红冲" in words(answer)
    with transaction(engine) as session:
        assert session.get_one(Bill, desk.paid.id).status == BillStatus.PARTLY_PAID


def test_a_refund_is_given_once(desk, engine):
    said = words(desk.window.get(f"{desk.at_payment}/refund"))
    assert "退还 潘超 ¥100.00（现金）" in said
    assert "重新欠款的账单（1 张） ¥100.00" in said
    answers = [desk.window.post(f"{desk.at_payment}/refund", note="重复缴费") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "已退款 ¥100.00" in words(desk.window.follow(answers[0]))
    assert "收据已作废" in words(desk.window.get(f"{desk.at_payment}/receipt"))
    assert "¥100.00 ¥100.00 ¥0.00" in words(desk.window.get("/desk/payments/days"))
    with transaction(engine) as session:
        assert session.get_one(Payment, desk.payment.id).status == PaymentStatus.REFUNDED
        assert session.get_one(Bill, desk.paid.id).paid_fen == 0
        told = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (told.action, told.detail["note"]) == ("payment.refund", "重复缴费")


def test_a_refund_of_money_that_moved_on_is_refused_in_words(desk):
    reverse(desk)
    answer = desk.window.post(f"{desk.at_payment}/refund", note="重复缴费")
    assert answer.status_code == 409
    assert "请从预存款退款" in words(answer)


def test_who_may_look_may_not_take_back(desk, browser):
    window = browser().sign_in(desk.looker)
    for path in (f"{desk.at_bill}/reverse", f"{desk.at_payment}/refund"):
        assert window.get(path).status_code == 403
        assert path not in window.get(path.rpartition("/")[0]).text


def test_a_dead_letter_tells_its_tries_and_goes_back_into_the_rack_once(browser, scene, engine):
    with scene() as office:
        demo.household(office)
        demo.approvals(office)
        dead = office.session.scalars(
            select(Letter).where(Letter.status == LetterStatus.FAILED)
        ).one()
        office._add(
            LetterAttempt(
                letter_id=dead.id, number=1, channel=Channel.MASS_MESSAGE, outcome=Outcome.FAILED,
                receiver="wm1", at=office.at, reply_code="40096", reply="<b>invalid</b>",
            )
        )  # fmt: skip
    window = browser().sign_in(office.manager)
    page = window.get(f"/desk/letters/{dead.id}")
    said = words(page)
    assert "没有送到 业主已删除企业微信好友" in said
    assert "企业微信群发 没有送到 <b>invalid</b> 40096" in said
    assert "&lt;b&gt;" in page.text
    answers = [window.post(f"/desk/letters/{dead.id}/again") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "已放回待发送" in words(window.follow(answers[0]))
    with transaction(engine) as session:
        assert session.get_one(Letter, dead.id).status == LetterStatus.QUEUED


def test_owners_who_wait_for_a_colleague_are_counted(browser, scene):
    with scene() as office:
        demo.household(office)
        letter = office.session.scalars(
            select(Letter).where(Letter.person_id.is_not(None)).limit(1)
        ).one()
        for number, receiver in enumerate(("wm1", "wm1", "wm2"), 1):
            office._add(
                LetterAttempt(
                    letter_id=letter.id, number=number, channel=Channel.MASS_MESSAGE,
                    outcome=Outcome.AWAITING_STAFF, receiver=receiver, sender_userid="Manager",
                    at=office.at,
                )
            )  # fmt: skip
    said = words(browser().sign_in(office.manager).get("/desk/letters"))
    assert "2 位业主在等周经理点发送" in said


def test_a_bill_nobody_owes_says_how_it_gets_a_payer(browser, scene, engine):
    with scene() as office:
        room = office.room("2-1-101", owner=None)
        bill = office.bill(room, 8_000)
        looker = office.staff("kan", "看看", ["bills.see", "rooms.see", "people.see"])
    manager, other = browser().sign_in(office.manager), browser().sign_in(looker)
    address = f"/desk/bills/{bill.no}"
    page = manager.get(address)
    assert "这张账单没有缴费人，还没有通知过任何人" in words(page)
    assert "日子从 2026年11月1日或更早算起" in words(page)
    way = f"/desk/people/new?community={bill.community_id}&amp;room=2-1-101"
    assert way in page.text
    assert 'value="2-1-101"' in manager.get(way.replace("&amp;", "&")).text
    assert "请先让客服登记住户" in words(other.get(address))
    assert "有账单没有缴费人" in words(other.get(f"/desk/rooms/{room.id}"))
    stay = {"role": OccupancyRole.OWNER, "from_on": date(2026, 11, 30), "is_payer": True}
    with transaction(engine) as session:
        person = Person(community_id=bill.community_id, name="肖国丽")
        session.add(person)
        session.flush()
        session.add(Occupancy(room_id=room.id, person_id=person.id, **stay))
    page = manager.get(address)
    assert "肖国丽现在登记为缴费人了，但出过的账单不会自己换人： 红冲这张账单" in words(page)
    assert f'href="{address}/reverse"' in page.text
    assert "请有红冲权限的同事红冲这张账单" in words(other.get(address))
    answer = manager.post(f"{address}/reverse", note="没有缴费人", seen_paid_fen=0)
    assert answer.status_code == 303
    said = words(manager.get(address))
    assert "这张账单没有缴费人" not in said
    assert "补账…" in said, "also for who comes back later"


def test_a_bill_with_a_payer_says_nothing_of_it(desk):
    assert "没有缴费人" not in words(desk.window.get(desk.at_bill))


def test_money_of_nobody_is_refunded_before_its_bill_is_reversed(browser, scene, engine):
    with scene() as office:
        bill = office.bill(office.room("2-1-101", owner=None), 8_000)
        payment = take_at_counter(
            office.session, [bill.id], 3_000, method="cash", request_key="two",
            by=office.by, at=office.at, note=None,
        )  # fmt: skip
    window, address = browser().sign_in(office.manager), f"/desk/bills/{bill.no}"
    assert "已缴的 ¥30.00 没有预存款可转，红冲以前先在下面的收款记录里退款" in words(
        window.get(address)
    )
    asked = window.get(f"{address}/reverse")
    assert "请先在“收款记录”里退款，再红冲" in words(asked)
    assert "确认红冲" not in asked.text
    form = {"note": "没有缴费人", "seen_paid_fen": 3_000}
    assert window.post(f"{address}/reverse", **form).status_code == 409
    refunded = window.post(
        f"/desk/payments/{payment.receipt_no}/refund", note="先退", seen_fen=3_000
    )
    assert refunded.status_code == 303, words(refunded)
    answer = window.post(f"{address}/reverse", note="没有缴费人", seen_paid_fen=0)
    assert answer.status_code == 303, words(answer)
    with transaction(engine) as session:
        assert session.get_one(Bill, bill.id).status is BillStatus.REVERSED
