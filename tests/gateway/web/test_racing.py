"""Two clicks, two cashiers: one payment."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.gateway.web.conftest import words
from tests.gateway.web.taking import confirm, fields, money


def test_a_double_click_is_one_payment_and_one_receipt(browser, room, engine):
    till = browser().sign_in(room.cashier)
    form = fields(confirm(till, room))
    answers = [till.post(f"{room.path}/take", **form) for _ in range(3)]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert money(engine) == (1, 15_000, 15_000, 0)


def test_a_double_click_in_the_same_instant_is_one_payment(browser, room, engine):
    first = browser().sign_in(room.cashier)
    form = fields(confirm(first, room))
    second = browser()
    second.http.cookies, second.form_key = first.http.cookies, first.form_key
    answers = together(lambda till: till.post(f"{room.path}/take", **form), first, second)
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert money(engine)[0] == 1


def test_two_cashiers_at_the_same_moment_only_one_wins(browser, room, engine):
    tills = [browser().sign_in(room.cashier), browser().sign_in(room.colleague)]
    forms = {till: fields(confirm(till, room, amount="150", note="押金条")) for till in tills}
    answers = together(lambda till: till.post(f"{room.path}/take", **forms[till]), *tills)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    said = words(lost)
    assert "没有收款" in said
    assert "已缴清" in said
    assert "最近的收款记录在下面" in said
    assert re.search(r"(李|王)收银 · 现金 SJ\d{14} ¥150.00", said)
    assert "这户现在没有待收的账单" in said
    assert money(engine) == (1, 15_000, 15_000, 0)


def together(act, *tills):
    """Two clicks in the same instant."""
    gate = Barrier(len(tills))

    def click(till):
        gate.wait(10)
        return act(till)

    with ThreadPoolExecutor(len(tills)) as pool:
        return list(pool.map(click, tills))
