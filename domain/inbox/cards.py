"""Cards with buttons: who was first, and which cards should say by now what was decided."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.bills.decisions import DECISION_NAMES
from domain.bills.model import BillRunDecision
from domain.clock import SHANGHAI
from domain.inbox.model import CardAnswer
from domain.letters.model import Letter, LetterAttempt
from domain.staff.model import Staff

ASKING = "bill_run.awaiting_approval"
CODE_LIFE = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a letter with a card asks about."""

    kind: str
    facts: dict[str, Any]
    community_id: int | None


@dataclass(frozen=True, slots=True)
class Open:
    """A card that may be changed once more, and what it should say."""

    attempt_id: int
    userid: str
    code: str
    words: str


def asked(session: Session, letter_id: int) -> Asked | None:
    """The letter behind a card."""
    row = session.execute(
        select(Letter.kind, Letter.facts, Letter.community_id).where(Letter.id == letter_id)
    ).one_or_none()
    return None if row is None else Asked(*row)


def answer(
    session: Session, subject: str, button: str, person: Staff, *, at: datetime
) -> CardAnswer:
    """The first answer to this subject: this one, or the one somebody gave before."""
    session.execute(
        insert(CardAnswer)
        .values(subject=subject, button=button, staff_id=person.id, staff_name=person.name, at=at)
        .on_conflict_do_nothing(index_elements=[CardAnswer.subject])
    )
    return session.scalars(select(CardAnswer).where(CardAnswer.subject == subject)).one()


def taken_words(first: CardAnswer) -> str:
    """What cards say about the first: `已由周经理 10:32 接手`."""
    return f"已由{first.staff_name} {first.at.astimezone(SHANGHAI):%H:%M} 接手"


def decided_words(session: Session, run_id: int) -> str | None:
    """`已由周经理批准`; None while nobody has decided."""
    row = session.scalar(select(BillRunDecision).where(BillRunDecision.bill_run_id == run_id))
    return None if row is None else _decided(row)


def to_close(session: Session, *, at: datetime, limit: int) -> Sequence[Open]:
    """Cards about runs that are decided, whose code is neither used nor too old."""
    rows = session.execute(
        select(
            LetterAttempt.id, LetterAttempt.receiver, LetterAttempt.response_code, BillRunDecision
        )
        .join(Letter, Letter.id == LetterAttempt.letter_id)
        .join(BillRunDecision, BillRunDecision.bill_run_id == Letter.facts["run"].as_integer())
        .where(
            LetterAttempt.response_code.is_not(None),
            LetterAttempt.at > at - CODE_LIFE,
            Letter.kind == ASKING,
        )
        .order_by(LetterAttempt.id)
        .limit(limit)
    )
    return [Open(key, userid, code or "", _decided(row)) for key, userid, code, row in rows]


def spent(session: Session, attempt_ids: Collection[int]) -> None:
    """These cards are not changed again."""
    session.execute(
        update(LetterAttempt)
        .where(LetterAttempt.id.in_(attempt_ids))
        .values(response_code=None)
        .execution_options(synchronize_session=False)
    )


def _decided(row: BillRunDecision) -> str:
    return f"已由{row.actor_name}{DECISION_NAMES[row.decision]}"
