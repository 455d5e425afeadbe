"""Whatever is typed: a refusal in words and as one JSON object, and nothing is changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from tests.deployments.cli.commanding import Wuye
from tests.factories.office import Office

HUGE = (10**30, 2**63, -1)
ODD = ("", "\t\n", "'; drop table bill; --", "%s", "名" * 5000)
PLACE = ("--community", "没有这个小区")


def lines(number: int) -> list[list[object]]:
    return [
        ["import", "undo", number],
        ["letters", "retry", number, "--by", "manager"],
        ["letters", "list", "--limit", number],
        ["inbox", "replay", number],
        ["desk", "token", "--user", "manager", "--scope", "bills.see", "--days", number],
        ["pay", "counter", "--bill", "ZD1", "--amount-fen", number, "--by", "manager",
         "--method", "cash"],
        ["bills", "limits", *PLACE, "--by", "manager", "--total-fen", number],
        ["fee", "share", "x", *PLACE, "--total-fen", number, "--from", "x", "--to", "y"],
    ]  # fmt: skip


def words(odd: str) -> list[list[object]]:
    return [
        ["bills", "run", "--community", odd, "--period", "2026-11"],
        ["bills", "explain", odd],
        ["bills", "reverse", "--bill", odd, "--by", odd, "--note", odd],
        ["pay", "refund", odd, "--by", "manager", "--note", odd],
        ["desk", "link", "--user", odd],
        ["staff", "add", "lisi", "--name", "李四", "--role", odd],
        ["staff", "add", "lisi", "--name", "李四", "--role", "manager", "--community", odd],
        ["import", "owners", odd, "--community", odd],
        ["import", "template", "owners", f"{odd}/nowhere/x.xlsx"],
        ["db", "restore", odd],
    ]


def test_numbers_and_words_nobody_meant(shop: Office, wuye: Wuye) -> None:
    assert shop.manager
    shop.session.commit()
    typed = [line for number in HUGE for line in lines(number)]
    typed += [line for odd in ODD for line in words(odd)]
    typed += [["bills", "run", *PLACE, "--period", month] for month in ("2026-13", "", "9999-12")]
    typed += [
        ["staff", "add", odd, "--name", "李四", "--role", "manager"] for odd in (ODD[0], ODD[4])
    ]
    for line in typed:
        code, sentence = wuye.refused(*line)
        assert code.isascii(), line
        assert any("\u4e00" <= sign <= "\u9fff" for sign in sentence), line
    shop.session.rollback()
    assert shop.session.scalar(text("SELECT count(*) FROM staff")) == 1


@pytest.mark.parametrize("name", ["O'Neil", '王"二"', "😀"])
def test_a_name_with_signs_is_a_name(shop: Office, wuye: Wuye, name: str) -> None:
    assert shop.manager
    shop.session.commit()
    code, told = wuye("staff", "add", name, "--name", name, "--role", "manager")
    assert (code, told["login"], told["name"]) == (0, name, name)


def test_a_connection_that_breaks_in_mid_command_is_said_in_words(
    shop: Office, wuye: Wuye, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prove(session: Session) -> None:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    shop.session.commit()
    monkeypatch.setattr("domain.ledger.proof.prove", prove)
    code, sentence = wuye.refused("check", "ledger")
    assert code == "database_unreachable"
    assert "请过一会儿再运行" in sentence


def test_what_breaks_otherwise_breaks_loudly(
    shop: Office, wuye: Wuye, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prove(session: Session) -> None:
        session.execute(text("SELECT 1/0"))

    shop.session.commit()
    monkeypatch.setattr("domain.ledger.proof.prove", prove)
    with pytest.raises(DataError):
        wuye("check", "ledger")
