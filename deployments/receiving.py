"""The inbox of WeCom's events from the command line."""

from dataclasses import asdict
from typing import Any

from deployments.office import OpenOffice
from domain import clock
from domain.errors import NotFound
from domain.inbox import rack, reading
from domain.inbox.reading import STATE_NAMES
from domain.session import transaction
from gateway.wecom.words import moment


class NothingToReplay(NotFound):
    """None of these events has been settled or given up."""

    code = "nothing_to_replay"


def listing(office: OpenOffice, *, failed: bool, limit: int) -> dict[str, Any]:
    """The newest events, and how many stand where."""
    with transaction(office.engine) as session:
        lines = reading.latest(session, failed=failed, limit=limit)
        counts = reading.counts(session)
    return {"events": [asdict(line) for line in lines], "counts": counts}


def in_words(found: dict[str, Any]) -> str:
    """The counts, then an event per line."""
    counts = "，".join(f"{name} {found['counts'][state]}" for state, name in STATE_NAMES.items())
    return "\n".join([f"{counts}。", *(_line(event) for event in found["events"])])


def _line(event: dict[str, Any]) -> str:
    what = event["event"] + (f"/{event['change_type']}" if event["change_type"] else "")
    again = f"，又收到 {event['repeats']} 次" if event["repeats"] else ""
    said = event["outcome"] or event["reason"]
    state = STATE_NAMES[event["state"]] + (f"：{said}" if said else "")
    return f"{event['id']}  {moment(event['received_at'])}{again}  {what}  {state}"


def replay(office: OpenOffice, ids: list[int]) -> dict[str, Any]:
    """Put events back; who handles the inbox takes them up at once."""
    with transaction(office.engine) as session:
        again = rack.replay(session, ids, at=clock.now())
    if not again:
        raise NothingToReplay("没有这些编号的、已经处理完的事件；见 wuye inbox list")
    return {"replayed": again}
