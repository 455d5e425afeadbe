"""Every status has a lifecycle that covers it, and no lifecycle has a back door."""

import importlib
import inspect
import pkgutil
from enum import StrEnum, auto

import domain
from domain.bills.model import Bill
from domain.errors import BackOfficeError
from statemachines.diagrams import lifecycles
from statemachines.engine import Lifecycle, lifecycle


def statuses() -> list[type[StrEnum]]:
    """Every enum named …Status in domain/*/model.py."""
    for found in pkgutil.walk_packages(domain.__path__, "domain."):
        if ".migrations" not in found.name:
            importlib.import_module(found.name)
    return [
        kind
        for kind in StrEnum.__subclasses__()
        if kind.__name__.endswith("Status") and kind.__module__.endswith(".model")
        and kind.__module__.startswith("domain.")
    ]  # fmt: skip


def uncovered(kinds: list[type[StrEnum]], lives: list[Lifecycle]) -> list[str]:
    """Status enums without a lifecycle of exactly their members."""
    covered = [set(life.status_names) for life in lives]
    return [kind.__name__ for kind in kinds if set(kind) not in covered]


def test_every_status_has_a_lifecycle() -> None:
    assert len(statuses()) >= 5
    assert uncovered(statuses(), lifecycles()) == []


def test_a_status_without_a_lifecycle_would_be_seen() -> None:
    class WorkStatus(StrEnum):
        OPEN = auto()

    assert uncovered([WorkStatus], lifecycles()) == ["WorkStatus"]


def test_every_lifecycle_belongs_to_its_column() -> None:
    for life in lifecycles():
        column = life.model.__table__.c.status
        assert set(life.status_names) == set(column.type.enum_class), life.title
        first = next(iter(life.status_names))
        assert column.server_default.arg == first.value, f"{life.title} does not start at {first}"


def test_no_lifecycle_has_a_back_door() -> None:
    for life in lifecycles():
        assert not life.machine.models, f"{life.title}: a registered model loses its loaded status"
        assert not [verb for verb in life.machine.events if verb.startswith("to_")], life.title


def test_every_status_is_reached_and_every_verb_leads_somewhere() -> None:
    for life in lifecycles():
        assert stranded(life) == [], life.title


def test_a_stranded_status_would_be_seen() -> None:
    class S(StrEnum):
        NEW = auto()
        DONE = auto()
        LOST = auto()

    rows = [dict(trigger="finish", source=S.NEW, dest=S.DONE)]
    names = {S.NEW: "新", S.DONE: "完成", S.LOST: "丢失"}
    odd = lifecycle("例", Bill, statuses=names, verbs={"finish": "完成"}, rows=rows)
    assert stranded(odd) == ["LOST"]


def stranded(life: Lifecycle) -> list[str]:
    """Statuses no chain of verbs reaches from the first one."""
    reached, grown = set[str](), {next(iter(life.status_names)).name}
    while grown - reached:
        reached |= grown
        grown = {
            str(move.dest)
            for event in life.machine.events.values()
            for source in reached
            for move in event.transitions.get(source, [])
        }
    return [status.name for status in life.status_names if status.name not in reached]


def refusals(base: type[BackOfficeError] = BackOfficeError) -> list[type[BackOfficeError]]:
    """Every refusal there is below `base`, of the modules imported so far."""
    return [kind for sub in base.__subclasses__() for kind in (sub, *refusals(sub))]


def unclear(kinds: list[type[BackOfficeError]]) -> list[str]:
    """Refusals without a code of their own or without a word on what they mean."""
    codes = [kind.code for kind in kinds if "code" in vars(kind)]
    return [
        f"{kind.__module__}.{kind.__name__}"
        for kind in kinds
        if "code" not in vars(kind) or codes.count(kind.code) > 1 or not inspect.getdoc(kind)
    ]


def test_every_refusal_has_a_code_of_its_own() -> None:
    statuses()  # imports all of domain
    assert unclear([kind for kind in refusals() if kind.__module__.startswith("domain")]) == []


def test_a_borrowed_code_would_be_seen() -> None:
    class Twin(BackOfficeError):
        """The same code as another."""

        code = "twin"

    class Nameless(BackOfficeError):
        """No code of its own."""

    assert len(unclear([Twin, Twin, Nameless])) == 3
