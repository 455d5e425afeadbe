"""Running the money checks: the proof, or the breaches."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.history import audit
from domain.ledger.checks import CHECKS, Check

SHOWN = 20


@dataclass(frozen=True)
class Breach:
    """One thing that does not add up: which check, which bill/payment/account, what was expected."""

    check: str
    sentence: str
    subject: str
    expected_fen: int
    found_fen: int


@dataclass(frozen=True)
class Proof:
    """The outcome of all checks; `ok` only if nothing is amiss. Breaches are capped per check."""

    checks: int
    breaches: tuple[Breach, ...]
    audit_broken_at: int | None
    received_fen: int
    paid_fen: int
    prepaid_fen: int
    owed_fen: int

    @property
    def ok(self) -> bool:
        return not self.breaches and self.audit_broken_at is None

    def as_json(self) -> dict[str, Any]:
        """Plain values for the command line."""
        return {
            "ok": self.ok,
            "checks": self.checks,
            "breaches": [vars(breach) for breach in self.breaches],
            "audit_broken_at": self.audit_broken_at,
            "received_fen": self.received_fen,
            "paid_fen": self.paid_fen,
            "prepaid_fen": self.prepaid_fen,
            "owed_fen": self.owed_fen,
        }


def prove(session: Session) -> Proof:
    """Run every check; give it a `snapshot` session, or moving money looks like a breach."""
    breaches = [breach for check in CHECKS for breach in _breaches(session, check)]
    figures = session.execute(text(FIGURES)).one()
    return Proof(
        checks=len(CHECKS) + 1,
        breaches=tuple(breaches),
        audit_broken_at=audit.broken_at(session),
        received_fen=int(figures.received),
        paid_fen=int(figures.paid),
        prepaid_fen=int(figures.prepaid),
        owed_fen=int(figures.owed),
    )


FIGURES = """
SELECT
    (SELECT coalesce(sum(amount_fen), 0) FROM payment
     WHERE status IN ('paid', 'partly_refunded')) AS received,
    (SELECT coalesce(sum(paid_fen), 0) FROM bill) AS paid,
    (SELECT coalesce(sum(balance_fen), 0) FROM prepayment_account) AS prepaid,
    (SELECT coalesce(sum(total_fen - paid_fen), 0) FROM bill
     WHERE status IN ('issued', 'partly_paid')) AS owed
"""


def _breaches(session: Session, check: Check) -> list[Breach]:
    rows = session.execute(text(check.sql)).fetchmany(SHOWN)
    return [
        Breach(check.name, check.sentence, str(subject), int(expected), int(found))
        for subject, expected, found in rows
    ]
