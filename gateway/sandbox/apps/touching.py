"""A member touches a card or the menu: the event that tells the app, and the trace on the phone."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from gateway.sandbox.apps.codes import draw_code
from gateway.sandbox.box import Box
from gateway.sandbox.callbacks.courier import Delivery
from gateway.sandbox.callbacks.telling import tell_app
from gateway.sandbox.cards import Card
from gateway.sandbox.people import member
from gateway.sandbox.refusals import Refused, Unknown
from gateway.sandbox.store import Row

Selected = dict[str, list[str]]


@dataclass
class Touched:
    """What came of it: nothing, where the app has no callback."""

    delivery: Delivery | None
    task: "asyncio.Task[None] | None"
    facts: dict[str, Any] = field(default_factory=dict)

    async def outcome(self) -> dict[str, Any]:
        """For programs: wait for the end of the delivery."""
        if self.task is not None:
            await self.task
        return {**self.facts, "delivery": self.delivery.shown() if self.delivery else None}


def click(box: Box, userid: str, inbox: int, key: str, selected: Selected) -> Touched:
    """A button of a card; each click draws a new response code.

    Raises:
        Unknown: no such card or button. Refused: the card no longer takes clicks.
    """
    row, card = card_on(box, userid, inbox)
    event_name, words = button_of(card, key)
    if event_name == "template_card_event" and (row["replaced"] or card.get("replace_text")):
        raise Refused("这张卡片已经处理过，按钮点不动了")
    code = draw_code(box, row["msgid"], row["agent_id"])
    event: dict[str, Any] = {
        "FromUserName": row["userid"],
        "Event": event_name,
        "EventKey": key,
        "TaskId": row["task_id"] or "",
        "CardType": card["card_type"],
        "ResponseCode": code,
    }
    items = selected_items(card, selected)
    if items and event_name == "template_card_event":
        event["SelectedItems"] = {"SelectedItem": items}
    delivery, task = tell_app(box, row["agent_id"], event)
    box.store.run(
        "INSERT INTO click (inbox, words, delivery, at) VALUES (?, ?, ?, ?)",
        inbox, words, delivery.number if delivery else None, box.clock.now(),
    )  # fmt: skip
    return Touched(delivery, task, {"response_code": code})


def card_on(box: Box, userid: str, inbox: int) -> tuple[Row, Card]:
    """The card as it stands on this phone."""
    row = box.store.one(
        "SELECT i.*, m.task_id, coalesce(c.content, m.content) AS content, c.replaced"
        " FROM inbox i JOIN message m ON m.msgid = i.msgid"
        " LEFT JOIN card_state c ON c.inbox = i.id WHERE i.id = ? AND i.userid = ?"
        " AND i.state = 'delivered' AND m.type = 'template_card'",
        inbox, userid,
    )  # fmt: skip
    if row is None:
        raise Unknown("手机上没有这张卡片")
    return row, json.loads(row["content"])


def button_of(card: Card, key: str) -> tuple[str, str]:
    """(the event it makes, the words on it)."""
    submit = card.get("submit_button")
    buttons = [*card.get("button_list", ()), *([submit] if submit else [])]
    for button in buttons:
        if button.get("type") != 1 and button.get("key") == key:
            return "template_card_event", button["text"]
    for action in (card.get("action_menu") or {}).get("action_list", ()):
        if action.get("key") == key:
            return "template_card_menu_event", action["text"]
    raise Unknown("卡片上没有这个按钮")


def questions(card: Card) -> list[Card]:
    """What a card asks besides its buttons."""
    single = [card[key] for key in ("button_selection", "checkbox") if card.get(key)]
    return [*single, *card.get("select_list", ())]


def selected_items(card: Card, selected: Selected) -> list[dict[str, Any]]:
    """The answers, question by question; only options the card offers."""
    found = []
    for question in questions(card):
        key = question["question_key"]
        offered = {option["id"] for option in question["option_list"]}
        chosen = [each for each in selected.get(key, ()) if each in offered]
        if chosen:
            found.append({"QuestionKey": key, "OptionIds": {"OptionId": chosen}})
    return found


def touch_menu(box: Box, userid: str, agent_id: int, *, key: str = "", url: str = "") -> Touched:
    """The event is click with the button's key, or view with its address. Raises Unknown."""
    row = member(box.store, userid)
    if row is None:
        raise Unknown("没有找到这名员工")
    wanted = ("view", "url", url) if url else ("click", "key", key)
    if not any(
        button.get("type") == wanted[0] and button.get(wanted[1]) == wanted[2]
        for button in menu_buttons(box, agent_id)
    ):
        raise Unknown("应用菜单里没有这一项")
    event = {"FromUserName": row["userid"], "Event": wanted[0], "EventKey": wanted[2]}
    return Touched(*tell_app(box, agent_id, event))


def menu_of(box: Box, agent_id: int) -> list[Card]:
    """The buttons at the bottom; none, if the app has no menu."""
    content = box.store.value("SELECT content FROM menu WHERE agent_id = ?", agent_id)
    menu: list[Card] = json.loads(content)["button"] if content else []
    return menu


def menu_buttons(box: Box, agent_id: int) -> list[Card]:
    """Those and the ones below them."""
    top = menu_of(box, agent_id)
    return [*top, *(sub for button in top for sub in button.get("sub_button") or ())]


def menus(box: Box) -> list[dict[str, Any]]:
    """Every app's menu, as phones show it."""
    rows = box.store.all(
        "SELECT a.agent_id, a.name FROM menu m JOIN app a USING (agent_id) ORDER BY a.agent_id"
    )
    return [
        {"agent_id": row["agent_id"], "name": row["name"], "button": menu_of(box, row["agent_id"])}
        for row in rows
    ]


def enter(box: Box, userid: str) -> None:
    """enter_agent, for the apps that want to know."""
    for row in box.store.all("SELECT agent_id FROM callback WHERE report_enter"):
        event = {"FromUserName": userid, "Event": "enter_agent", "EventKey": ""}
        tell_app(box, row["agent_id"], event)
