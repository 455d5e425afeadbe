"""Template cards: the text notice and the one with buttons."""

import re
from typing import Any

from gateway.sandbox.replies import WeComError

Card = dict[str, Any]
CARD_TYPES = frozenset({"text_notice", "button_interaction"})
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
BUTTONS, JUMPS, ROWS = 6, 3, 6
KEY_BYTES = 1024


def template_card(card: Card) -> Card:
    """The card as sent, checked. Raises the number WeCom gives for the field that is wrong."""
    if card.get("card_type") not in CARD_TYPES:
        raise WeComError(42031)
    check_task_id(card)
    check_title(card)
    for row in listed(card, "horizontal_content_list", ROWS, 42035):
        need(row, "keyname", 42033)
    for jump in listed(card, "jump_list", JUMPS, 42042):
        need(jump, "title", 42033)
        check_action(jump)
    if card["card_type"] == "text_notice":
        check_card_action(card)
    else:
        check_buttons(card)
    return card


def is_interactive(card: Card) -> bool:
    """Does sending it hand out a response_code?"""
    return card["card_type"] == "button_interaction" or "action_menu" in card


def check_task_id(card: Card) -> None:
    """Well formed if there is one, and there for cards that answer."""
    task_id = card.get("task_id")
    if task_id is None and not is_interactive(card):
        return
    if not isinstance(task_id, str) or not TASK_ID.fullmatch(task_id):
        raise WeComError(42014)


def check_title(card: Card) -> None:
    """A card says something: a main title, or (on a notice) a sub title."""
    main = card.get("main_title") or {}
    sub_title = card.get("sub_title_text") if card["card_type"] == "text_notice" else None
    if not isinstance(main, dict) or not (main.get("title") or sub_title):
        raise WeComError(42033)


def check_card_action(card: Card) -> None:
    """A text notice leads somewhere when it is touched."""
    action = card.get("card_action")
    if not isinstance(action, dict) or action.get("type") not in (1, 2):
        raise WeComError(42045)
    check_action(action)


def check_action(action: Card) -> None:
    """Type 1 leads to an address."""
    url = action.get("url")
    if action.get("type") == 1 and not (isinstance(url, str) and url.startswith("http")):
        raise WeComError(42028)


def check_buttons(card: Card) -> None:
    """One to six buttons, each with words and its own key (or, type 1, an address)."""
    buttons = listed(card, "button_list", BUTTONS, 42038)
    if not buttons:
        raise WeComError(42038)
    keys = [checked_button(button) for button in buttons if button.get("type") != 1]
    if len(set(keys)) < len(keys):
        raise WeComError(42039)
    for button in buttons:
        need(button, "text", 42038)
        check_action(button)


def checked_button(button: Card) -> str:
    """The key of a button that calls back."""
    key = need(button, "key", 42039)
    if len(key.encode()) > KEY_BYTES:
        raise WeComError(42039)
    return key


def listed(card: Card, key: str, most: int, errcode: int) -> list[Card]:
    """A list of objects, at most so many."""
    rows = card.get(key) or []
    if not isinstance(rows, list) or len(rows) > most:
        raise WeComError(errcode)
    if not all(isinstance(row, dict) for row in rows):
        raise WeComError(40058, f"{key} must hold objects")
    return rows


def need(row: Card, key: str, errcode: int) -> str:
    """A string that must not be empty."""
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise WeComError(errcode)
    return value
