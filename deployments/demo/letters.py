"""How the demo's letters stand."""

from dataclasses import asdict, dataclass

from sqlalchemy import Engine

from domain.letters import counting
from domain.session import transaction


@dataclass(frozen=True)
class Tally:
    """Letters to owners by where they stand."""

    queued: int
    awaiting_staff: int
    sent: int
    failed: int

    def as_json(self) -> dict[str, int]:
        """For a program."""
        return asdict(self)


def tally(engine: Engine) -> Tally:
    """The figures now."""
    with transaction(engine) as session:
        counts = counting.owner_letters(session)
    return Tally(
        queued=counts.get("queued", 0) + counts.get("sending", 0),
        awaiting_staff=counts.get("awaiting_staff", 0),
        sent=counts.get("sent", 0) + counts.get("opened", 0),
        failed=counts.get("failed", 0),
    )


def waiting(engine: Engine) -> bool:
    """Is there a bill letter WeCom has not accepted yet?"""
    return tally(engine).queued > 0


def unsent(engine: Engine) -> bool:
    """Is there a letter on its way still?"""
    now = tally(engine)
    return now.queued + now.awaiting_staff > 0


def first_phone(engine: Engine) -> str | None:
    """The sandbox phone of the first owner who was told about a bill."""
    with transaction(engine) as session:
        return counting.first_told(session, kind="bill.issued")
