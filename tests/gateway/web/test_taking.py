"""Taking money: what it would do, and then exactly that."""

import re

import pytest
from sqlalchemy import select

from domain.bills.model import BillStatus
from domain.payments.model import Payment
from statemachines.payment import refund
from tests.gateway.web import demo
from tests.gateway.web.conftest import words
from tests.gateway.web.taking import bills_of, confirm, fields, money


def test_everything_oldest_first_is_the_default(browser, room, engine):
    till = browser().sign_in(room.cashier)
    page = till.get(room.path)
    assert 'value="150.00"' in page.text
    assert page.text.count(' name="bills"') == 2
    assert words(page).index("2026年10月") < words(page).index("2026年11月")
    page = confirm(till, room)
    assert "收 ¥150.00 （现金），结清 2 张账单" in words(page)
    assert money(engine)[0] == 0
    answer = till.post(f"{room.path}/take", **fields(page))
    receipt = words(till.follow(answer))
    assert "已收 ¥150.00" in receipt
    assert "壹佰伍拾元整" in receipt
    assert "收款人：李收银" in receipt
    assert "下一户" in receipt
    assert re.search(r"收据 SJ\d{14}", receipt)
    assert bills_of(engine) == [(BillStatus.PAID, 10_000), (BillStatus.PAID, 5_000)]
    assert "我今天收的 1 笔，共 ¥150.00" in words(till.get("/desk/counter"))


@pytest.mark.parametrize(
    ("form", "sentence", "after"),
    [
        ({"amount": "120"}, "收 ¥120.00 （现金），结清 1 张账单，另 1 张还欠 ¥30.00", (12_000, 12_000, 0)),
        ({"amount": "1６0.5", "method": "pos"}, "收 ¥160.50 （刷卡），结清 2 张账单，多收 ¥10.50 转入潘超的预存款", (16_050, 15_000, 1_050)),
        ({"amount": "30", "method": "transfer"}, "收 ¥30.00 （转账），1 张账单还欠 ¥70.00", (3_000, 3_000, 0)),
    ],
)  # fmt: skip
def test_the_sentence_before_is_what_happens_after(browser, room, engine, form, sentence, after):
    till = browser().sign_in(room.cashier)
    page = confirm(till, room, **form)
    assert sentence in words(page)
    assert till.post(f"{room.path}/take", **fields(page)).status_code == 303
    assert money(engine) == (1, *after)


def test_a_chosen_bill_alone(browser, room, engine):
    till = browser().sign_in(room.cashier)
    page = confirm(till, room, bills=room.ids[1:])
    assert "收 ¥50.00 （现金），结清 1 张账单" in words(page)
    till.post(f"{room.path}/take", **fields(page))
    assert bills_of(engine) == [(BillStatus.ISSUED, 0), (BillStatus.PAID, 5_000)]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"amount": "12,50"}, "看不懂金额「12,50」"),
        ({"amount": "1.234"}, "两位小数"),
        ({"amount": "0"}, "必须大于 0"),
        ({"bills": []}, "请先勾选要收的账单"),
        ({"method": "bitcoin"}, "收款方式请选现金、转账、刷卡"),
    ],
)
def test_a_refusal_keeps_what_was_typed(browser, room, engine, form, sentence):
    till = browser().sign_in(room.cashier)
    page = confirm(till, room, **{"amount": "88.8", "note": "代<b>缴"} | form)
    assert page.status_code == 422
    assert sentence in words(page)
    assert f'value="{form.get("amount", "88.8")}"' in page.text
    assert 'value="代&lt;b&gt;缴"' in page.text
    assert page.text.count('data-owed-fen="5000" checked') == (0 if form.get("bills") == [] else 1)
    assert money(engine)[0] == 0


def test_going_back_from_the_confirmation_keeps_what_was_typed(browser, room):
    till = browser().sign_in(room.cashier)
    page = confirm(till, room, amount="33.3", method="pos", bills=room.ids[:1])
    back = till.post(f"{room.path}/edit", **fields(page))
    assert 'value="33.3"' in back.text
    assert 'value="pos" checked' in back.text
    assert back.text.count('data-owed-fen="5000" checked') == 0


def test_a_part_payment_meanwhile_asks_the_second_cashier_to_look_again(browser, room, engine):
    first, second = browser().sign_in(room.cashier), browser().sign_in(room.colleague)
    late = fields(confirm(second, room, amount="150", note="代缴"))
    first.post(f"{room.path}/take", **fields(confirm(first, room, amount="40")))
    answer = second.post(f"{room.path}/take", **late)
    said = words(answer)
    assert answer.status_code == 409
    assert "账单的欠款刚刚变了，请核对后再收" in said
    assert 'value="150.00"' in answer.text
    assert 'value="代缴"' in answer.text
    assert "已选账单欠款 ¥110.00" in said
    assert "已缴 ¥40.00" in said
    assert money(engine) == (1, 4_000, 4_000, 0)


def test_more_than_owed_needs_somebody_to_keep_it_for(browser, scene, engine):
    with scene() as office:
        room = office.room(owner=None)
        bill = office.bill(room, 10_000)
        cashier = office.manager
    till = browser().sign_in(cashier)
    till.get(f"/desk/counter/rooms/{room.id}")
    answer = till.post(f"/desk/counter/rooms/{room.id}/confirm", bills=[bill.id], amount="101")
    assert answer.status_code == 409
    assert "没有登记缴费人，不能多收" in words(answer)


@pytest.mark.parametrize("path", ["confirm", "take", "edit", "prepayment"])
def test_a_form_from_elsewhere_is_refused(browser, room, engine, path):
    till = browser().sign_in(room.cashier)
    form = fields(confirm(till, room)) | {"person_id": "1", "form_key": "somebody else's"}
    answer = till.post(f"{room.path}/{path}", **form)
    assert answer.status_code == 403
    assert "放得太久" in words(answer)
    other = browser().sign_in(room.colleague)
    assert (
        till.post(f"{room.path}/{path}", **form | {"form_key": other.form_key}).status_code == 403
    )
    assert till.http.post("/desk/counter/search", data={"q": "1"}).status_code == 403
    assert money(engine)[0] == 0


def test_a_form_without_its_fields_is_refused_in_words(browser, room, engine):
    till = browser().sign_in(room.cashier)
    till.get(room.path)
    for form in ({}, {"amount_fen": "x"}, {"amount_fen": "1", "seen_owed_fen": "9" * 40}):
        answer = till.post(f"{room.path}/take", **form)
        assert answer.status_code == 422
        assert "看不懂" in words(answer)
    answer = till.post(f"{room.path}/confirm", bills=["x"], amount="1")
    assert answer.status_code == 422
    assert money(engine)[0] == 0


def test_bills_of_another_house_cannot_be_slipped_in(browser, room, scene, engine):
    till = browser().sign_in(room.cashier)
    form = fields(confirm(till, room))
    answer = till.post(f"{room.path}/take", **form | {"bills": [*form["bills"], str(10**12)]})
    assert answer.status_code == 404
    assert "不属于这个小区" in words(answer)
    assert money(engine)[0] == 0


def test_receipts_are_for_those_who_may_take_money(browser, room, scene):
    till = browser().sign_in(room.cashier)
    answer = till.post(f"{room.path}/take", **fields(confirm(till, room)))
    path = answer.headers["location"]
    assert till.get(path.split("?")[0]).status_code == 200
    assert browser().get(path).status_code == 401
    for odd in ("SJ1", "SJ20261199999999", "../x", "SJ' OR 1=1"):
        assert till.get(f"/desk/counter/receipts/{odd}").status_code == 404


def test_a_refunded_receipt_says_that_it_is_void(browser, scene):
    with scene() as office:
        bill = office.bill(office.room(), 10_000)
        demo.pay(office, [bill], 10_000, "one")
        payment = office.session.scalars(select(Payment)).one()
        refund(office.session, payment.id, by=office.by, at=office.at, note="退")
        manager = office.manager
    page = browser().sign_in(manager).get(f"/desk/counter/receipts/{payment.receipt_no}")
    assert "收据已作废" in words(page)
