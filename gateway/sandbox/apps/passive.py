"""What an app answers to an event at once: words for the member, or another look for the card."""

import re
from typing import Any

from gateway.sandbox.apps.updates import change
from gateway.sandbox.box import Box
from gateway.sandbox.callbacks.courier import Delivery
from gateway.sandbox.cards import Card, template_card
from gateway.sandbox.messages import deliver, write_message
from gateway.sandbox.people import member
from gateway.sandbox.replies import WeComError

INNER_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
UNLIKE = {"KeyName": "keyname", "AppId": "appid", "PagePath": "pagepath"}
NUMBERS = frozenset({"type", "style", "mode"})


def act(box: Box, delivery: Delivery) -> None:
    """Do what the reply says; what it says badly is not done, and stands in the log."""
    reply, event = delivery.reply or {}, delivery.event
    kind, userid = reply.get("MsgType"), str(event.get("FromUserName", ""))
    try:
        if kind == "text" and member(box.store, userid) is not None:
            say(box, delivery.agent_id, userid, str(reply.get("Content", "")))
        elif kind == "update_button":
            words = str((reply.get("Button") or {}).get("ReplaceName", ""))
            restyle(box, event, words or None, None)
        elif kind == "update_template_card":
            card = from_xml(reply.get("TemplateCard"))
            restyle(box, event, None, template_card(card, is_update=True))
    except (WeComError, AttributeError, TypeError) as error:
        reply["refused"] = str(error)


def say(box: Box, agent_id: int, userid: str, words: str) -> None:
    """A text from the app."""
    with box.store.writing():
        msgid, _ = write_message(box, agent_id, "text", {"content": words}, "passive")
        deliver(box, msgid, agent_id, [userid])


def restyle(box: Box, event: dict[str, Any], words: str | None, card: Card | None) -> None:
    """The card that was touched, on the phone on which it was touched."""
    copies = box.store.all(
        "SELECT i.id, i.userid FROM inbox i JOIN message m ON m.msgid = i.msgid"
        " WHERE m.task_id = ? AND m.agent_id = ? AND i.userid = ? AND i.state = 'delivered'",
        event.get("TaskId"), event.get("AgentID"), event.get("FromUserName"),
    )  # fmt: skip
    if words or card:
        with box.store.writing():
            change(box, copies, words, card)


def from_xml(value: Any, name: str = "") -> Any:
    """CardType becomes card_type; what is called a list is one, a number is one."""
    if isinstance(value, dict):
        facts = {snake(key): from_xml(each, snake(key)) for key, each in value.items()}
        return {
            key: [each] if key.endswith("_list") and not isinstance(each, list) else each
            for key, each in facts.items()
        }
    if isinstance(value, list):
        return [from_xml(each) for each in value]
    return int(value) if name in NUMBERS and str(value).isdecimal() else value


def snake(name: str) -> str:
    """MainTitle: main_title."""
    return UNLIKE.get(name) or INNER_CAPITAL.sub("_", name).lower()
