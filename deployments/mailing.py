"""The letter rack from the command line."""

import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from deployments.office import OpenOffice
from domain import clock
from domain.company.queries import community as community_named
from domain.errors import NotFound
from domain.letters import reading
from domain.letters.model import Letter, LetterStatus
from domain.letters.waiting import Quota, reasons
from domain.session import transaction
from domain.staff.queries import permitted
from flows.delivery import rounds, service
from flows.delivery.postroom import PostRoom
from flows.delivery.service import AlreadyDelivering
from flows.delivery.tally import Tally
from gateway.web.desk.letter_waits import sentence
from gateway.wecom.words import moment
from statemachines import letter as machine
from statemachines.letter import LETTER

FOREVER = timedelta(days=3650)
log = logging.getLogger("wuye.letters")


class LetterNotFound(NotFound):
    """No letter of this number."""

    code = "letter_not_found"


def listing(
    office: OpenOffice, *, failed: bool, community: str | None, limit: int
) -> dict[str, Any]:
    """The newest letters, each that waits with why (`waits`); and how many stand in each state."""
    quota = Quota(office.settings.wecom_mass_per_day, office.settings.wecom_mass_per_month)
    with transaction(office.engine) as session:
        place = community_named(session, community).id if community else None
        rows = reading.latest(
            session, status=LetterStatus.FAILED if failed else None, community_id=place,
            limit=limit,
        )  # fmt: skip
        counts = reading.counts(session)
        found = reasons(session, [row.id for row in rows], quota=quota, at=clock.now())
    waits = {letter_id: sentence(wait, quota) for letter_id, wait in found.items()}
    return {
        "letters": [asdict(row) | {"waits": waits.get(row.id)} for row in rows],
        "counts": {status.value: counts.get(status, 0) for status in LetterStatus},
    }


def in_words(found: dict[str, Any]) -> str:
    """The listing for people: the counts, then a letter per line."""
    counts = "，".join(
        f"{name} {found['counts'][status]}" for status, name in LETTER.status_names.items()
    )
    return "\n".join([f"{counts}。", *(_line(row) for row in found["letters"])])


def _line(row: dict[str, Any]) -> str:
    state = LETTER.status_names[row["status"]]
    said = row["waits"] or row["reason"]
    why = f"：{said}" if said else ""
    where = f" {row['community']}" if row["community"] else ""
    return (
        f"{row['id']}  {moment(row['queued_at'])}  {row['to']}{where}  {row['kind']}  {state}{why}"
    )


def send_again(office: OpenOffice, letter_id: int, *, login: str) -> dict[str, Any]:
    """Put one dead letter back into the rack, on a colleague's word."""
    with transaction(office.engine) as session:
        letter = session.get(Letter, letter_id)
        if letter is None:
            raise LetterNotFound(f"没有编号为 {letter_id} 的消息")
        # A letter of no community is handled by those who may everywhere.
        by = permitted(session, login, "letters.handle", community_id=letter.community_id or 0)
        again = machine.send_again(session, letter_id, by=by, at=clock.now())
        return {"letter": again.id, "status": again.status.value}


def deliver_once(office: OpenOffice) -> Tally:
    """Deliver what can be delivered now; AlreadyDelivering when the stack's own deliverer runs."""
    return service.once(PostRoom.open(office.engine, office.settings))


def keep_delivering(office: OpenOffice) -> None:
    """Be the deliverer until interrupted; without Prefect's records."""
    room = PostRoom.open(office.engine, office.settings)
    alone = service.serve(
        room, until=clock.now() + FOREVER, deliver=lambda: rounds.deliver(room),
        heard=_heard, complain=log.warning,
    )  # fmt: skip
    if not alone:
        raise AlreadyDelivering("已有一个投递在运行，消息由它发出，不用再开")


def _heard(tally: Tally) -> None:
    for reason in dict.fromkeys(tally.paused):
        log.warning("暂停发送：%s", reason)
    if tally.broken:
        log.error("写不出来的消息：%s", tally.broken)
