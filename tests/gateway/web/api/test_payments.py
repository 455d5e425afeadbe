"""Money over the API: one payment per key, whatever the network does."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.gateway.web.api.conftest import refused
from tests.gateway.web.taking import money


@pytest.fixture
def till(program, room, scene):
    """A program of the cashier's, and the bills of one room."""
    made = program(room.cashier)
    made.nos = [bill.no for bill in room.bills]
    return made


def sale(till, **changed):
    return {"bills": till.nos, "amount_fen": 15_000, "method": "cash", **changed}


def test_a_payment_pays_the_bills_and_answers_with_its_receipt(till, engine):
    answer = till.pay("till-7-0001", **sale(till, seen_owed_fen=15_000, note="现金"))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["amount_fen"], told["kept_fen"], told["status_name"]) == (15_000, 0, "已到账")
    assert [(share["bill_no"], share["left_fen"]) for share in told["shares"]] == [
        (no, 0) for no in till.nos
    ]
    assert money(engine) == (1, 15_000, 15_000, 0)


def test_the_same_key_again_is_the_same_payment(till, engine):
    first, second = (till.pay("till-7-0002", **sale(till)) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert money(engine)[0] == 1


def test_two_requests_at_once_with_one_key_are_one_payment(till, engine):
    gate = Barrier(2)

    def send(_number):
        gate.wait(30)
        return till.pay("till-7-0003", **sale(till))

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert len({answer.json()["receipt_no"] for answer in answers}) == 1
    assert money(engine)[0] == 1


@pytest.mark.parametrize("changed", [{"amount_fen": 10_000}, {"method": "pos"}, {"bills": None}])
def test_a_key_used_for_something_else_is_refused(till, changed, engine):
    assert till.pay("till-7-0004", **sale(till)).status_code == 201
    if "bills" in changed:
        changed = {"bills": till.nos[:1]}
    said = refused(till.pay("till-7-0004", **sale(till, **changed)), 409, "request_key_reused")
    assert said["detail"] == "这个 Idempotency-Key 已经用于另一笔收款，请换一个", (
        "no page to refresh"
    )
    assert money(engine)[0] == 1


@pytest.mark.parametrize("fen", [200_00, 5_00])
def test_a_key_used_for_fewer_bills_is_refused_whatever_was_left_over(till, fen, engine):
    """Else the caller would believe that the second bill is paid, too."""
    one = sale(till, bills=till.nos[:1], amount_fen=fen)
    assert till.pay("till-7-0009", **one).status_code == 201
    assert till.pay("till-7-0009", **one).status_code == 200
    refused(till.pay("till-7-0009", **sale(till, amount_fen=fen)), 409, "request_key_reused")
    assert money(engine)[0] == 1


def test_a_key_is_the_same_where_the_money_ran_out_before_the_last_bill(till, engine):
    part = sale(till, amount_fen=5_00)
    first, again = (till.pay("till-7-0010", **part) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["receipt_no"] == again.json()["receipt_no"]
    assert money(engine)[0] == 1


def test_no_key_no_payment(till, engine):
    said = refused(till.post("/payments", sale(till)), 422, "request_invalid")
    assert said["errors"] == [
        {"in": "header", "field": "Idempotency-Key", "message": "必须填写", "code": "missing"}
    ]
    assert money(engine)[0] == 0


def test_what_was_seen_must_still_be_owed(till, engine):
    said = refused(till.pay("till-7-0005", **sale(till, seen_owed_fen=1)), 409, "owed_changed")
    assert said["facts"] == {"owed_fen": 15_000}
    refused(till.pay("till-7-0006", **sale(till, bills=["ZD999999999"])), 404, "bill_not_found")
    assert money(engine)[0] == 0


def test_a_refund_makes_the_bills_owed_again(till, boss, engine):
    receipt = till.pay("till-7-0007", **sale(till)).json()["receipt_no"]
    path = f"/payments/{receipt}/refund"
    said = refused(till.post(path, {"note": "收错了"}), 403, "not_permitted")
    assert said["detail"] == (
        "这个令牌没有「退款」的权限：新建时没有勾选，或者李收银自己在那里没有"
    )
    said = refused(boss.post(path, {"note": " "}), 422, "request_invalid")
    assert said["errors"][0]["field"] == "note"
    assert boss.post(path, {"note": "收错了"}).json()["status"] == "refunded"
    refused(boss.post(path, {"note": "收错了"}), 409, "not_allowed_now")
    assert boss.get(f"/bills/{till.nos[0]}").json()["owed_fen"] == 10_000


def test_lists_and_single_payments(till, boss):
    receipt = till.pay("till-7-0008", **sale(till)).json()["receipt_no"]
    refused(till.get("/payments"), 403, "not_permitted")
    refused(till.get(f"/payments/{receipt}"), 403, "not_permitted")
    listed = boss.get("/payments", params={"method": "cash", "room": "1-1"}).json()
    assert [(row["receipt_no"], row["rooms"]) for row in listed["rows"]] == [(receipt, "1-1-101")]
    assert boss.get("/payments", params={"page": 9}).json()["rows"] == []
    assert boss.get(f"/payments/{receipt}").json()["cashier"] == "李收银"
