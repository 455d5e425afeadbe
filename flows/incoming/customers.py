"""An owner became a colleague's customer, or is one no longer: whom letters can reach."""

from datetime import UTC, datetime

from domain.people import following
from domain.people.following import Followed
from domain.session import transaction
from flows.incoming.backroom import BackRoom
from flows.incoming.events import Event
from gateway.wecom.customers import followers

CAME = frozenset({"add_external_contact", "add_half_external_contact"})
LEFT_BY_OWNER, DROPPED = "del_follow_user", "del_external_contact"
NO_FRIEND = "业主已经删除了跟进员工；请让业主重新扫码添加"
NO_FOLLOWER = "跟进员工删除了这位业主，没有别的员工跟进；请让业主重新扫码添加"


def changed(room: BackRoom, event: Event) -> str:
    """Whom letters reach now. A contact nobody has bound stays so: owners bind themselves."""
    customer, who = event.fact("ExternalUserID"), event.fact("UserID")
    if event.change not in {*CAME, LEFT_BY_OWNER, DROPPED} or not customer or not who:
        return "不需要处理"
    at = _made_at(event)
    now_by = [] if event.change == LEFT_BY_OWNER else followers(room.to_owners, customer)
    with transaction(room.engine) as session:
        if event.change == LEFT_BY_OWNER:
            found = following.left(session, customer, who, at=at, reason=NO_FRIEND)
        elif event.change == DROPPED:
            found = following.dropped(session, customer, now_by, reason=NO_FOLLOWER)
        else:
            found = following.came(session, customer, who, now_by, at=at)
    return _words(found)


def _made_at(event: Event) -> datetime:
    """When it happened, as WeCom says; when it came, where it does not say."""
    said = event.fact("CreateTime")
    if said.isascii() and said.isdigit() and len(said) <= 11:
        return min(datetime.fromtimestamp(int(said), UTC), event.received_at)
    return event.received_at


def _words(found: Followed) -> str:
    said = [
        (found.broken, "标为暂不可达"),
        (found.mended, "恢复可达"),
        (found.moved, "改由其他员工跟进"),
    ]
    done = "，".join(f"{count} 位业主{what}" for count, what in said if count)
    return done or "没有需要改的业主绑定"
