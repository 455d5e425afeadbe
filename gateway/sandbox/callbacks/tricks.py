"""Callbacks as they should not be: what a receiver must bear without harm."""

from collections.abc import Callable, Sequence

from gateway.sandbox.callbacks.parcels import Event, Parcel, Sender
from gateway.sandbox.callbacks.xml import written

Trick = Callable[[Sender, Sequence[Event], Parcel | None], list[Parcel]]

STALE_SECONDS = 3600
HUGE_BYTES = 2 * 1024 * 1024
OTHER_KEY = "A" * 42 + "E"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8))
    + "]><xml><ToUserName>&i;</ToUserName><Encrypt>&i;</Encrypt></xml>"
)


def plainly(sender: Sender, events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """As WeCom would."""
    return [sender.pack(event) for event in events]


def forged(sender: Sender, events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """Signed by somebody who does not know the token."""
    return [sender.envelope(written(sender.whole(event)), token="NotTheToken") for event in events]


def wrong_key(sender: Sender, events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """Signed well, encrypted with another key."""
    return [sender.envelope(written(sender.whole(event)), aes_key=OTHER_KEY) for event in events]


def wrong_corp(sender: Sender, events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """Genuine in all, but meant for another company."""
    return [
        sender.envelope(written(sender.whole(event)), receiver="wwsomebodyelse") for event in events
    ]


def replayed(sender: Sender, events: Sequence[Event], last: Parcel | None) -> list[Parcel]:
    """The last genuine parcel once more, byte for byte; without one, the event twice."""
    if last is not None:
        return [last]
    return [parcel for event in events for parcel in [sender.pack(event)] * 2]


def stale(sender: Sender, events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """Genuine, and an hour old."""
    then = sender.real_now - STALE_SECONDS
    return [sender.envelope(written(sender.whole(event)), timestamp=then) for event in events]


def duplicated(sender: Sender, events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """The same event in two fresh envelopes, as after a lost answer."""
    return [sender.pack(event) for event in events for _ in range(2)]


def out_of_order(sender: Sender, events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """What happened later arrives first. The events are given in the order they happened."""
    start = sender.virtual_now - len(events)
    dated = [{"CreateTime": start + n, **event} for n, event in enumerate(events, 1)]
    return [sender.pack(event) for event in reversed(dated)]


def huge(sender: Sender, events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """Two megabytes in a genuine envelope."""
    return [sender.pack({**event, "Padding": "大" * (HUGE_BYTES // 3)}) for event in events]


def entity_bomb(sender: Sender, _events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """An outer XML that would unfold to gigabytes."""
    return [Parcel(sender.query("x", sender.address.token), BOMB.encode())]


def inner_bomb(sender: Sender, _events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """The same inside a genuine envelope."""
    return [sender.envelope(BOMB)]


def malformed(sender: Sender, events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """No XML at all; and a body cut off in the middle."""
    whole = sender.pack(events[0]) if events else sender.envelope("<xml></xml>")
    cut = Parcel(whole.query, whole.body[: len(whole.body) // 2])
    return [Parcel(whole.query, b"\x00\xff not xml"), cut]


def unsigned(sender: Sender, events: Sequence[Event], _last: Parcel | None) -> list[Parcel]:
    """Without the query that proves it."""
    return [Parcel({}, sender.pack(event).body) for event in events]


TRICKS: dict[str, tuple[str, Trick]] = {
    "forged": ("签名是伪造的", forged),
    "unsigned": ("没有签名", unsigned),
    "wrong_key": ("用别的密钥加密", wrong_key),
    "wrong_corp": ("发给别的企业的", wrong_corp),
    "replayed": ("把上一条原样重放", replayed),
    "stale": ("一小时前的旧包", stale),
    "duplicated": ("同一件事发两遍", duplicated),
    "out_of_order": ("后发生的先到", out_of_order),
    "huge": ("内容大到 2 MB", huge),
    "entity_bomb": ("实体炸弹（外层）", entity_bomb),
    "inner_bomb": ("实体炸弹（加密在内）", inner_bomb),
    "malformed": ("残缺不全的内容", malformed),
}
