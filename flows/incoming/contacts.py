"""The contacts changed: the member is read again, or, after a change of departments or tags, all."""

from collections.abc import Callable

from domain.session import transaction
from domain.staff.roster import Roster
from domain.staff.syncing import places, sync
from domain.staff.syncing.changes import Changes
from flows.incoming.backroom import BY, BackRoom
from flows.incoming.events import Event
from gateway.wecom import contacts

ONE = frozenset({"create_user", "update_user", "delete_user"})
MANY = frozenset({"create_party", "update_party", "delete_party", "update_tag"})


def changed(room: BackRoom, event: Event) -> str:
    """change_contact: a hint at who may have joined, changed or left."""
    userid, new = event.fact("UserID"), event.fact("NewUserID")
    if event.change in ONE and userid:
        if new:
            with transaction(room.engine) as session:
                sync.rename(session, userid, new)
        return _read_again(room, new or userid)
    return everybody(room, event) if event.change in MANY else "不需要处理"


def entered(room: BackRoom, event: Event) -> str:
    """enter_agent: somebody opened the app; one we do not know may have joined a moment ago."""
    userid = event.fact("FromUserName")
    with transaction(room.engine) as session:
        known = sync.is_known(session, userid)
    return "已是员工，不需要处理" if known or not userid else _read_again(room, userid)


def everybody(room: BackRoom, event: Event) -> str:
    """Read all contacts, unless that was done since the event came."""
    if room.synced_at and room.synced_at > event.received_at:
        return "已随另一次同步处理"
    at = room.now()
    changes = _apply(room, lambda: contacts.read_all(room.app))
    room.synced_at = at
    return changes.words()


def _read_again(room: BackRoom, userid: str) -> str:
    with transaction(room.engine) as session:
        mapped = places.mapped_tags(session)
    return _apply(room, lambda: contacts.read_some(room.app, [userid], mapped=mapped)).words()


def _apply(room: BackRoom, read: Callable[[], Roster]) -> Changes:
    with transaction(room.engine) as session:
        sync.take_turn(session)
        return sync.apply(session, read(), by=BY, at=room.now())
