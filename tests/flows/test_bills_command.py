"""`wuye bills run` where no stack runs: the flow in the command's own process, a month and what it lacked."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.bills.model import Bill
from tests.deployments.cli.commanding import Wuye, commands
from tests.factories.office import Office

pytestmark = [pytest.mark.timeout(120), pytest.mark.xdist_group("prefect")]

NOVEMBER = ("--community", "翠湖花园", "--period", "2026-11")
BY = ("--by", "manager", "--note", "面积有误")


@pytest.fixture
def wuye(
    committed: Office,
    prefect_api: str,
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Wuye]:
    """The command beside an office of two homes at ¥280.00 and the Prefect server it is told of."""
    committed.tariff(committed.fee(), "2.80")
    committed.room("1-1-101")
    committed.room("1-1-102", owner="苏霞")
    committed.session.commit()
    with commands(database_url, tmp_path / "home"):
        os.environ["PREFECT_API_URL"] = prefect_api
        yield Wuye(capsys)
        assert os.environ["PREFECT_API_URL"] == prefect_api, "no server of the command's own"


def run(wuye: Wuye, *more: str) -> dict[str, Any]:
    code, told = wuye("bills", "run", *NOVEMBER, *more)
    assert code == 0, told
    return {name: told[name] for name in ("status", "bills", "total_fen", "letters")} | {
        "supplement": told["supplements"] is not None
    }


def figures(status: str, bills: int, letters: int, *, supplement: bool) -> dict[str, Any]:
    return {
        "status": status, "bills": bills, "total_fen": bills * 28_000, "letters": letters,
        "supplement": supplement,
    }  # fmt: skip


def test_a_month_and_what_was_taken_back_of_it(wuye: Wuye, committed: Office) -> None:
    whole = figures("issued", 2, 2, supplement=False)
    assert run(wuye, "--preview") == figures("awaiting_approval", 2, 0, supplement=False)
    assert run(wuye, "--approve-by", "manager") == whole
    assert run(wuye, "--approve-by", "manager") == whole, "a finished month lacks nothing"

    committed.session.rollback()
    taken_back = committed.session.scalars(select(Bill.no).order_by(Bill.no)).first()
    assert wuye("bills", "reverse", "--bill", taken_back, *BY)[0] == 0
    drafts = figures("awaiting_approval", 1, 0, supplement=True)
    assert run(wuye) == drafts
    assert run(wuye) == drafts, "the drafts that wait are shown again"
    assert wuye("bills", "reject", *NOVEMBER, *BY)[1]["bills"] == 1
    assert run(wuye, "--approve-by", "manager") == figures("issued", 1, 1, supplement=True)

    assert wuye("bills", "reverse", *NOVEMBER, *BY)[1]["bills"] == 2
    assert wuye.refused("bills", "reverse", *NOVEMBER, *BY)[0] == "bill_run_not_found"
    assert wuye("check", "ledger")[1]["owed_fen"] == 0
    assert run(wuye, "--approve-by", "manager") == whole
