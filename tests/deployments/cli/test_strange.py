"""Whatever is typed: a refusal in words and as one JSON object, and nothing is changed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from tests.deployments.cli.commanding import Wuye
from tests.factories.office import Office
from tests.flows.running import blocked, until

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
    shop: Office, engine: Engine, wuye: Wuye
) -> None:
    shop.session.commit()
    with engine.connect() as somebody:
        somebody.execute(text("LOCK TABLE bill IN ACCESS EXCLUSIVE MODE"))
        breaking = threading.Thread(target=end_who_waits, args=[engine])
        breaking.start()
        code, sentence = wuye.refused("check", "ledger")
        breaking.join()
    assert code == "database_unreachable"
    assert "请过一会儿再运行" in sentence


def end_who_waits(engine: Engine) -> None:
    """Break the connection of whoever stands in line for a lock."""
    until(lambda: blocked(engine))
    with engine.connect() as operator:
        operator.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        )


def test_what_breaks_otherwise_breaks_loudly(shop: Office, engine: Engine, wuye: Wuye) -> None:
    shop.session.commit()
    with renamed(engine, "prepayment_account", "mislaid"), pytest.raises(ProgrammingError):
        wuye("check", "ledger")


@contextmanager
def renamed(engine: Engine, table: str, other: str) -> Iterator[None]:
    """A table that cannot be found meanwhile."""
    with engine.begin() as operator:
        operator.execute(text(f"ALTER TABLE {table} RENAME TO {other}"))
    try:
        yield
    finally:
        with engine.begin() as operator:
            operator.execute(text(f"ALTER TABLE {other} RENAME TO {table}"))
