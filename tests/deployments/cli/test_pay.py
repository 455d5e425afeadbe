"""`wuye pay`, `wuye bills explain|reverse`, `wuye check`: money from the command line."""

import pytest
from sqlalchemy import text

from tests.deployments.cli.commanding import Wuye
from tests.factories.office import Office


@pytest.fixture
def bills(shop: Office) -> list[str]:
    """Numbers of three bills of ¥100.00, the newest first."""
    made = [shop.bill(shop.room(f"1-1-10{n}"), 10_000) for n in range(3)]
    for month, bill in zip((11, 10, 9), made, strict=True):
        bill.period_start = bill.period_start.replace(month=month)
    shop.session.commit()
    return [bill.no for bill in made]


def pay(wuye: Wuye, numbers: list[str], fen: object, *more: object) -> tuple[int, dict]:
    chosen = [word for no in numbers for word in ("--bill", no)]
    return wuye(
        "pay", "counter", *chosen, "--amount-fen", fen, "--by", "manager", "--method", "cash", *more
    )


def test_part_and_over_and_the_same_key_again(bills: list[str], wuye: Wuye) -> None:
    _, first = pay(wuye, bills[:1], 4_000, "--key", "till-1")
    assert (first["kept_fen"], first["bills"][0]["status"]) == (0, "partly_paid")
    _, again = pay(wuye, bills[:1], 4_000, "--key", "till-1")
    assert again == first
    _, over = pay(wuye, bills[:1], 7_000)
    assert (over["kept_fen"], over["bills"][0]["status"]) == (1_000, "paid")
    code, proof = wuye("check", "ledger")
    assert (code, proof["ok"], proof["received_fen"], proof["prepaid_fen"]) == (
        0,
        True,
        11_000,
        1_000,
    )


def test_a_breach_exits_1_and_names_the_bill(shop: Office, bills: list[str], wuye: Wuye) -> None:
    shop.session.execute(text("UPDATE bill_line SET amount_fen = amount_fen + 1"))
    shop.session.commit()
    code, proof = wuye("check", "ledger")
    assert (code, proof["ok"]) == (1, False)
    found = {(row["check"], row["subject"], row["found_fen"]) for row in proof["breaches"]}
    assert found == {("bill_lines", no, 10_001) for no in bills}


def test_oldest_first_or_in_the_order_given(bills: list[str], wuye: Wuye) -> None:
    _, told = pay(wuye, bills, 15_000)
    assert [bill["paid_fen"] for bill in told["bills"]] == [0, 5_000, 10_000]
    _, told = pay(wuye, bills[:2], 12_000, "--in-order")
    assert [bill["paid_fen"] for bill in told["bills"]] == [10_000, 7_000]


@pytest.mark.parametrize("fen", [0, -5, 10**11, 10**30])
def test_amounts_nobody_pays_are_refused(bills: list[str], wuye: Wuye, fen: int) -> None:
    code, told = pay(wuye, bills[:1], fen)
    assert (code, told["error"]["code"]) == (2, "invalid")


def test_who_is_too_late_or_may_not_is_told(shop: Office, bills: list[str], wuye: Wuye) -> None:
    shop.staff("kefu", "林管家", [])
    shop.session.commit()
    pay(wuye, bills[:1], 10_000)
    assert pay(wuye, bills[:1], 10_000)[1]["error"]["code"] == "nothing_owed"
    assert pay(wuye, ["ZD0"], 1)[1]["error"]["code"] == "bill_not_found"
    refused = wuye.refused(
        "pay", "counter", "--bill", bills[1], "--amount-fen", 1, "--by", "kefu", "--method", "pos"
    )
    assert refused[0] == "not_permitted"


def test_a_bill_named_twice_is_told_once(bills: list[str], wuye: Wuye) -> None:
    wide = bills[0].translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    _, told = pay(wuye, [bills[0], f" {wide.lower()}"], 12_000)
    assert [bill["no"] for bill in told["bills"]] == bills[:1]
    assert told["kept_fen"] == 2_000


def test_a_key_used_for_another_bill_says_so(bills: list[str], wuye: Wuye) -> None:
    pay(wuye, bills[:1], 4_000, "--key", "till-1")
    assert pay(wuye, bills[1:2], 4_000, "--key", "till-1")[1]["error"]["code"] == (
        "request_key_reused"
    )


@pytest.mark.parametrize("note", ["", "  "])
def test_nothing_is_taken_back_without_a_word(bills: list[str], wuye: Wuye, note: str) -> None:
    _, receipt = pay(wuye, bills[:1], 10_000)
    by = ("--by", "manager", "--note", note)
    assert wuye.refused("pay", "refund", receipt["receipt_no"], *by)[0] == "text_invalid"
    assert wuye.refused("bills", "reverse", "--bill", bills[0], *by)[0] == "text_invalid"
    run = ("--community", "翠湖花园", "--period", "2026-11")
    assert wuye.refused("bills", "reverse", *run, *by)[0] == "text_invalid"


def test_refund_and_reversal(bills: list[str], wuye: Wuye) -> None:
    _, receipt = pay(wuye, bills[:1], 12_000)
    _, told = wuye("pay", "refund", receipt["receipt_no"], "--by", "manager", "--note", "刷错")
    assert (told["status"], told["amount_fen"]) == ("refunded", 12_000)
    assert wuye.refused("pay", "refund", "SJ0", "--by", "manager", "--note", "x")[0] == (
        "receipt_not_found"
    )
    pay(wuye, bills[:1], 10_000)
    reverse = ("bills", "reverse", "--bill", bills[0], "--by", "manager", "--note", "面积有误")
    assert wuye(*reverse)[1]["status"] == "reversed"
    assert wuye.refused(*reverse)[0] == "not_allowed_now"
    assert wuye("bills", "explain", bills[0])[1]["total_fen"] == 10_000
    assert wuye.refused("bills", "explain", "ZD0")[0] == "bill_not_found"
    code, proof = wuye("check", "ledger")
    assert (code, proof["prepaid_fen"]) == (0, 10_000)
