"""Messages to colleagues. Owners are not members of the corp: see `gateway.wecom.mass`.

Every function raises `WeComFault`; `gateway.wecom.errors.verdict` says what a fault means.

The duplicate check is always on, for the longest time WeCom offers: after a try with an unknown
outcome the very same request may be sent again and arrives once. The other side of it: two
*different* letters must differ in their text or link, or the second is swallowed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.wecom.client import Reply, WeComApp
from gateway.wecom.errors import Sent, Verdict, verdict
from gateway.wecom.faults import NotSendable, WeComFault
from gateway.wecom.messages import ButtonCard, Text, TextCard

DUPLICATE_SECONDS = 4 * 3600
MAX_RECEIVERS = 1000
PATH = "message/send"
_USERID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-@.]{0,63}")
_TASK_ID = re.compile(r"[A-Za-z0-9_\-@]{1,128}")


def outcome(send: Callable[[], Sent], *, attempt: int = 1) -> Verdict:
    """Send, and say how it went: never raises for a fault of WeCom or the network."""
    try:
        return send()
    except WeComFault as fault:
        return verdict(fault, attempt=attempt)


def send_text(app: WeComApp, to: Sequence[str], message: Text) -> Sent:
    """A plain text to up to 1000 members."""
    return _send(app, to, message.body())


def send_textcard(app: WeComApp, to: Sequence[str], message: TextCard) -> Sent:
    """A card to up to 1000 members."""
    return _send(app, to, message.body())


def send_button_card(app: WeComApp, to: str, message: ButtonCard) -> Sent:
    """A card with a button to one member; its response_code updates that one card."""
    if not message.task_id:
        raise ValueError("a card with a button needs a task_id")
    return send_template_card(app, [to], message.card())


def send_template_card(app: WeComApp, to: Sequence[str], card: Mapping[str, Any]) -> Sent:
    """A template card to up to 1000 members.

    Its `task_id`, where it has one, is unique per app: a retry after an unknown outcome keeps it
    (the duplicate check needs the same request), a fresh send takes a new one.
    """
    task_id = card.get("task_id")
    if task_id is not None and not _TASK_ID.fullmatch(task_id):
        raise ValueError("task_id: 1 to 128 of letters, digits, _ - @")
    return _send(app, to, {"msgtype": "template_card", "template_card": dict(card)})


def upload_media(app: WeComApp, kind: str, name: str, content: bytes) -> str:
    """Upload for three days; the media_id. Takes bytes, so that a retry sends them whole."""
    reply = app.post("media/upload", params={"type": kind}, files={"media": (name, content)})
    return str(reply["media_id"])


def recall(app: WeComApp, msgid: str) -> None:
    """Take back a message of this app within 24 hours."""
    app.call("message/recall", {"msgid": msgid})


def _send(app: WeComApp, to: Sequence[str], body: Mapping[str, Any]) -> Sent:
    receivers = _receivers(to)
    request = {
        "touser": "|".join(receivers),
        "agentid": app.agent_id,
        **body,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": DUPLICATE_SECONDS,
    }
    return _sent(app.call(PATH, request), receivers)


def _receivers(to: Sequence[str]) -> tuple[str, ...]:
    """The receivers, checked: nothing may widen them, `@all` and `a|b` least of all."""
    if not 1 <= len(to) <= MAX_RECEIVERS:
        raise ValueError(f"1 to {MAX_RECEIVERS} receivers, not {len(to)}")
    if not all(_USERID.fullmatch(userid) for userid in to):
        raise NotSendable(PATH, "员工的企业微信账号写得不对；请核对后重新发送")
    return tuple(to)


def _sent(reply: Reply, receivers: Sequence[str]) -> Sent:
    return Sent(
        msgid=str(reply.get("msgid", "")),
        invalid=_named(reply.get("invaliduser"), receivers),
        unlicensed=_named(reply.get("unlicenseduser"), receivers),
        response_code=reply.get("response_code") or None,
    )


def _named(listed: object, receivers: Sequence[str]) -> tuple[str, ...]:
    """The receivers WeCom names in a `|`-joined, lower-cased list, written as we know them."""
    lowered = {part.lower() for part in str(listed or "").split("|")}
    return tuple(userid for userid in receivers if userid.lower() in lowered)
