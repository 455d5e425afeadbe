"""Template cards: two notices, and three kinds that ask."""

import re
from typing import Any

from gateway.sandbox.replies import WeComError

Card = dict[str, Any]
NOTICES = frozenset({"text_notice", "news_notice"})
QUESTIONS = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
BUTTONS, JUMPS, ROWS, LINES, ACTIONS = 6, 3, 6, 4, 10
SELECTS, SELECT_OPTIONS, VOTE_OPTIONS = 3, 10, 20
KEY_BYTES = 1024


def template_card(card: Card, *, is_update: bool = False) -> Card:
    """The card as sent, checked. Raises the number WeCom gives for the field that is wrong.

    A card that takes the place of another needs no task_id of its own.
    """
    if card.get("card_type") not in NOTICES | QUESTIONS:
        raise WeComError(42031)
    if not is_update:
        check_task_id(card)
    check_title(card)
    for row in listed(card, "horizontal_content_list", ROWS, 42035):
        need(row, "keyname", 42033)
    for line in listed(card, "vertical_content_list", LINES, 42035):
        need(line, "title", 42033)
    for jump in listed(card, "jump_list", JUMPS, 42042):
        need(jump, "title", 42033)
        check_action(jump)
    CHECKS[card["card_type"]](card)
    if "action_menu" in card:
        check_menu(card)
    return card


def is_interactive(card: Card) -> bool:
    """Does sending it hand out a response_code?"""
    return card["card_type"] in QUESTIONS or "action_menu" in card


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
    sub_title = card.get("sub_title_text") if card["card_type"] in NOTICES else None
    if not isinstance(main, dict) or not (main.get("title") or sub_title):
        raise WeComError(42033)


def check_card_action(card: Card) -> None:
    """A notice leads somewhere when it is touched."""
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


def check_picture(card: Card) -> None:
    """A news notice shows a picture, and leads somewhere."""
    if not (card.get("card_image") or card.get("image_text_area")):
        raise WeComError(40058, "card_image missing")
    check_card_action(card)


def check_selection(card: Card) -> None:
    """Buttons, and perhaps one choice above them."""
    check_buttons(card)
    if "button_selection" in card:
        check_question(inner(card, "button_selection"), SELECT_OPTIONS)


def check_vote(card: Card) -> None:
    """One question with up to twenty answers, and a button that hands them in."""
    check_question(inner(card, "checkbox"), VOTE_OPTIONS)
    check_submit(card)


def check_selects(card: Card) -> None:
    """Up to three questions, and a button that hands the answers in."""
    selects = listed(card, "select_list", SELECTS, 40058)
    if not selects:
        raise WeComError(40058, "select_list missing")
    for each in selects:
        check_question(each, SELECT_OPTIONS)
    check_submit(card)


def check_question(question: Card, most: int) -> None:
    """A key, and answers with ids of their own."""
    need(question, "question_key", 40058)
    options = listed(question, "option_list", most, 40058)
    ids = [need(option, "id", 40058) for option in options]
    if not ids or len(set(ids)) < len(ids):
        raise WeComError(40058, "option_list needs options with different ids")
    for option in options:
        need(option, "text", 40058)


def check_submit(card: Card) -> None:
    """The button below the questions."""
    submit = inner(card, "submit_button")
    need(submit, "text", 42038)
    checked_button(submit)


def check_menu(card: Card) -> None:
    """The little menu in the corner."""
    actions = listed(inner(card, "action_menu"), "action_list", ACTIONS, 40058)
    if not actions:
        raise WeComError(40058, "action_list missing")
    for action in actions:
        need(action, "text", 42038)
        checked_button(action)


def inner(card: Card, key: str) -> Card:
    """An object inside the card."""
    value = card.get(key)
    if not isinstance(value, dict):
        raise WeComError(40058, f"{key} must be an object")
    return value


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


CHECKS = {
    "text_notice": check_card_action,
    "news_notice": check_picture,
    "button_interaction": check_selection,
    "vote_interaction": check_vote,
    "multiple_interaction": check_selects,
}
