"""The door has no back doors."""

import importlib
import pkgutil

import pytest

import statemachines
from domain.bills.model import Bill
from domain.errors import NotFound
from statemachines.bill import BILL
from statemachines.engine import Lifecycle, allowed, fire_many, lifecycle, locked, says

LIVES = [
    thing
    for module in pkgutil.iter_modules(statemachines.__path__)
    for thing in vars(importlib.import_module(f"statemachines.{module.name}")).values()
    if isinstance(thing, Lifecycle)
]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.title)
def test_no_to_verbs_no_registered_models_no_callbacks(life):
    assert not [name for name in life.machine.events if name.startswith("to_")]
    assert life.machine.models == []
    for event in life.machine.events.values():
        for moves in event.transitions.values():
            for move in moves:
                assert [*move.before, *move.after, *move.prepare] == []


def test_allowed_answers_from_the_table():
    from domain.bills.model import BillStatus

    assert allowed(BILL, "issue", BillStatus.DRAFT)
    assert not allowed(BILL, "issue", BillStatus.PAID)


def test_locked_refuses_what_is_not_there(session):
    with pytest.raises(NotFound):
        locked(session, Bill, 0)


def test_a_guard_refuses_with_its_own_sentence_and_never_on_a_set(office):
    from domain.bills.model import BillStatus as S
    from domain.errors import NotAllowedNow
    from statemachines.engine import fire

    @says("今天不行")
    def never(event):
        return False

    life = lifecycle(
        "账单", Bill, statuses={s: s.value for s in S}, verbs={"issue": "出账"},
        rows=[dict(trigger="issue", source=S.DRAFT, dest=S.ISSUED, conditions=[never])],
    )  # fmt: skip
    bill = office.bill(office.room(), 1, issued=False)
    with pytest.raises(NotAllowedNow, match="今天不行"):
        fire(office.session, life, bill, "issue", by=office.by, at=office.at)
    assert bill.status is S.DRAFT
    with pytest.raises(AssertionError, match="guards"):
        fire_many(office.session, life, "issue", by=office.by, at=office.at)
