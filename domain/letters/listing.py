"""The letter rack as a list: what did not arrive first, then the newest; one letter with its tries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.errors import NotFound
from domain.history.model import StatusChange
from domain.letters.model import Letter, LetterAttempt, LetterStatus, Outcome
from domain.letters.reading import ROWS, UNDER_WAY, LetterRow, standing
from domain.listing import COUNTED, EXPORTED, Listed, Wanted, among, counted_up, listed, sliced
from domain.people import seeking
from domain.people.model import Person
from domain.staff.model import Staff

SEEN = "letters.handle"
DEAD = Letter.status == LetterStatus.FAILED
WEIGHED = 100
"""Of more receivers of a name than this some only are looked at: the words say too little."""
# Put together once: that takes longer than asking.
_WHO = func.coalesce(Staff.name, LetterAttempt.sender_userid, "").label("who")
_FOLLOWED = (
    select(
        _WHO, func.count(LetterAttempt.receiver.distinct()).label("owners"),
        func.min(LetterAttempt.at).label("since"),
    )
    .join(Letter, Letter.id == LetterAttempt.letter_id)
    .outerjoin(Staff, func.lower(Staff.wecom_userid) == func.lower(LetterAttempt.sender_userid))
    .where(LetterAttempt.outcome == Outcome.AWAITING_STAFF)
    .group_by(_WHO)
)  # fmt: skip
"""Colleague, owners who wait for their press of send, since when."""
_FIRST = select(func.min(Letter.kind).label("kind")).cte("kinds", recursive=True)
_NEXT = select(func.min(Letter.kind)).where(Letter.kind > _FIRST.c.kind).scalar_subquery()
_EVERY = _FIRST.union_all(select(_NEXT).where(_FIRST.c.kind.is_not(None)))
_KINDS = select(_EVERY.c.kind).where(_EVERY.c.kind.is_not(None))


class LetterNotFound(NotFound):
    """No letter of this number."""

    code = "letter_not_found"


@dataclass(frozen=True, slots=True)
class Receivers:
    """Whom words name; `weighed`: there are more than these."""

    people: Sequence[int] = ()
    staff: Sequence[int] = ()
    weighed: int = 0


@dataclass(frozen=True, slots=True)
class Followed:
    """How many owners wait for one colleague to press send, and since when the longest does."""

    colleague: str
    owners: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Troubles:
    """What somebody has to see to. `dead`: letters that could not be delivered, up to `COUNTED`."""

    dead: int
    followed: Sequence[Followed]


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """One letter: what the list says, every try, and every move."""

    row: LetterRow
    attempts: Sequence[LetterAttempt]
    moves: Sequence[StatusChange]


def letters(session: Session, access: Access, wanted: Wanted) -> Listed[LetterRow]:
    """One page: dead letters first, each part with the newest first."""
    hits = _receivers(session, access, wanted.words)
    asked = _filtered(access, wanted, hits)
    # Each part has an index in its order; what words find is put in order anyhow, all at once.
    if wanted.filter("status") or wanted.words:
        newest = (DEAD.desc(), Letter.id.desc()) if wanted.words else (Letter.id.desc(),)
        found = listed(session, asked, wanted, sorts={"newest": newest}, key=Letter.id)
        shown = found.dressed([LetterRow(*row) for row in found.rows])
        return replace(shown, weighed=hits.weighed)
    return _dead_first(session, [asked.where(DEAD), asked.where(~DEAD)], wanted)


def _dead_first(
    session: Session, parts: Sequence[Select[Any]], wanted: Wanted
) -> Listed[LetterRow]:
    """A page of one part behind the other."""
    counts: list[int] = []
    for part in parts:  # what stands behind as many as are counted nobody gets to
        counts.append(0 if sum(counts) >= COUNTED else counted_up(session, part, Letter.id))
    count = min(sum(counts), COUNTED)
    pages = max(1, -(-count // wanted.size))
    page = min(max(wanted.page, 1), pages)
    rows: list[LetterRow] = []
    start = (page - 1) * wanted.size
    for part, held in zip(parts, counts, strict=True):
        room = wanted.size - len(rows)
        if room and start < held:
            found = sliced(session, part, [Letter.id.desc()], Letter.id, start=start, size=room)
            rows += [LetterRow(*row) for row in found]
        start = max(0, start - held)
    return Listed(rows, count, sum(counts) >= COUNTED, page, wanted.size)


def everything(session: Session, access: Access, wanted: Wanted) -> Iterator[LetterRow]:
    """The same letters unpaged, the newest first, for an export."""
    asked = _filtered(access, wanted, _receivers(session, access, wanted.words))
    rows = session.execute(asked.order_by(Letter.id.desc()).limit(EXPORTED))
    return (LetterRow(*row) for row in rows)


def letter(session: Session, letter_id: int) -> LetterFacts:
    """One letter, or LetterNotFound."""
    row = session.execute(ROWS.where(Letter.id == letter_id)).one_or_none()
    if row is None:
        raise LetterNotFound("没有找到这条消息")
    attempts = session.scalars(
        select(LetterAttempt)
        .where(LetterAttempt.letter_id == letter_id)
        .order_by(LetterAttempt.number)
    ).all()
    moves = session.scalars(
        select(StatusChange)
        .where(StatusChange.thing == Letter.__tablename__, StatusChange.thing_id == letter_id)
        .order_by(StatusChange.id)
    ).all()
    return LetterFacts(LetterRow(*row), attempts, moves)


def kinds(session: Session) -> Sequence[str]:
    """Kinds of letters there are; a skip through the index, however many letters."""
    return session.scalars(_KINDS).all()


def troubles(session: Session, access: Access) -> Troubles:
    """How many letters are dead, and for whose press of send owners wait, the most first."""
    here = access.where(SEEN, Letter.community_id)
    some = select(Letter.id).where(here, DEAD).limit(COUNTED).subquery()
    dead = select(func.count().label("dead")).select_from(some).subquery("dead")
    each = _FOLLOWED.where(here).subquery("each")
    rows = session.execute(
        select(dead.c.dead, each).outerjoin(each, true()).order_by(each.c.owners.desc(), each.c.who)
    ).all()
    return Troubles(rows[0][0], [Followed(*row) for _, *row in rows if row[0] is not None])


def _receivers(session: Session, access: Access, words: str) -> Receivers:
    """Owners and colleagues whose names hold the words."""
    if not words:
        return Receivers()
    here = access.where(SEEN, Person.community_id)
    staff = select(Staff.id).where(Staff.name.contains(words, autoescape=True))
    owners = seeking.named(session, words, here, most=WEIGHED + 1)
    colleagues = session.scalars(staff.order_by(Staff.id).limit(WEIGHED + 1)).all()
    more = max(len(owners), len(colleagues)) > WEIGHED
    return Receivers(owners[:WEIGHED], colleagues[:WEIGHED], WEIGHED if more else 0)


def _filtered(access: Access, wanted: Wanted, to: Receivers) -> Select[Any]:
    where: list[ColumnElement[bool]] = [access.where(SEEN, Letter.community_id)]
    if wanted.words:
        where.append(_to(to))
    if community := wanted.filter("community"):
        where.append(Letter.community_id == int(community))
    if status := wanted.filter("status"):
        where.append(_standing(LetterStatus(status)))
    if kind := wanted.filter("kind"):
        where.append(Letter.kind == kind)
    return ROWS.where(*where)


def _to(to: Receivers) -> ColumnElement[bool]:
    """Letters to these. Who is not asked for is left out: the database would look for them, too."""
    either = [among(Letter.person_id, to.people)] if to.people else []
    if to.staff:
        either.append(Letter.staff_id.is_not(None) & among(Letter.staff_id, to.staff))
    return or_(*either) if either else false()


def _standing(status: LetterStatus) -> ColumnElement[bool]:
    """Letters of a state; the few that are under way are found where the deliverer finds them."""
    under_way = status in UNDER_WAY
    return (
        Letter.id.in_(standing(Letter.status == status)) if under_way else Letter.status == status
    )
