"""message/update_template_card: the app changes a card that somebody has touched."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from gateway.sandbox.apps.codes import use_code
from gateway.sandbox.box import Box
from gateway.sandbox.cards import Card, template_card
from gateway.sandbox.company.records import in_department, with_tag
from gateway.sandbox.replies import WeComError, json_body, ok, text_field
from gateway.sandbox.store import Row, Store
from gateway.sandbox.tokens import AppCaller, own_agent

router = APIRouter(prefix="/cgi-bin/message")


@router.post("/update_template_card")
async def update_template_card(request: Request, caller: AppCaller) -> JSONResponse:
    """Grey out the buttons, or show another card, on the phones that are named."""
    body = await json_body(request)
    box, agent_id = caller.box, own_agent(caller, body)
    replaced, card = wanted(body)
    with box.store.writing():
        msgid = use_code(box, text_field(body, "response_code"), agent_id)
        copies = box.store.all(
            "SELECT id, userid FROM inbox WHERE msgid = ? AND state = 'delivered'", msgid
        )
        named = None if body.get("atall") == 1 else receivers(box.store, body)
        change(box, [row for row in copies if named is None or low(row) in named], replaced, card)
    holders = {low(row) for row in copies}
    return ok(invaliduser=[] if named is None else [who for who in named if who not in holders])


def low(row: Row) -> str:
    """Whose copy it is, in lower case."""
    return str(row["userid"]).lower()


def wanted(body: dict[str, Any]) -> tuple[str | None, Card | None]:
    """(grey words instead of the buttons, None) or (None, another card)."""
    button, card = body.get("button"), body.get("template_card")
    if isinstance(button, dict):
        words = text_field(button, "replace_name")
        if not words:
            raise WeComError(40058, "replace_name missing")
        return words, None
    if isinstance(card, dict):
        return None, template_card(card, is_update=True)
    raise WeComError(40058, "button or template_card missing")


def receivers(store: Store, body: dict[str, Any]) -> list[str]:
    """Everybody named, himself or by department or tag, in lower case (82001 when nobody is)."""
    users, parties, tags = (body.get(key) or [] for key in ("userids", "partyids", "tagids"))
    if not all(isinstance(each, list) for each in (users, parties, tags)):
        raise WeComError(40058, "userids, partyids and tagids must be lists")
    if not (users or parties or tags):
        raise WeComError(82001)
    people = [str(each) for each in users]
    for number in parties:
        people += in_department(store, number) or [] if isinstance(number, int) else []
    for number in tags:
        people += with_tag(store, number) or [] if isinstance(number, int) else []
    return list(dict.fromkeys(who.lower() for who in people))


def change(box: Box, copies: list[Row], replaced: str | None, card: Card | None) -> None:
    """The cards on these phones look different now; words in place of buttons keep the card."""
    now = box.clock.now()
    for row in copies:
        before = box.store.value("SELECT content FROM card_state WHERE inbox = ?", row["id"])
        content = before if card is None else json.dumps(card, ensure_ascii=False)
        box.store.run(
            "INSERT OR REPLACE INTO card_state VALUES (?, ?, ?, ?)",
            row["id"], content, replaced, now,
        )  # fmt: skip
