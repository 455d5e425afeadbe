"""Response codes: with each, an app may change one card once, within three days."""

import secrets

from gateway.sandbox.box import Box
from gateway.sandbox.replies import WeComError

LIFE_SECONDS = 72 * 3600


def draw_code(box: Box, msgid: str, agent_id: int) -> str:
    """A new code for the card."""
    code = secrets.token_urlsafe(32)
    box.store.run(
        "INSERT INTO response_code VALUES (?, ?, ?, ?)",
        code, msgid, agent_id, box.clock.now() + LIFE_SECONDS,
    )  # fmt: skip
    return code


def use_code(box: Box, code: str, agent_id: int) -> str:
    """Use it up; the msgid of its card. 60140: unknown, used, too old, another app's."""
    row = box.store.one("SELECT * FROM response_code WHERE code = ?", code)
    if row is None or row["agent_id"] != agent_id or row["expires_at"] <= box.clock.now():
        raise WeComError(60140)
    box.store.run("DELETE FROM response_code WHERE code = ?", code)
    msgid: str = row["msgid"]
    return msgid
