"""Rendering: one jinja environment, autoescaped, that refuses names it does not know."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain import clock
from domain.money import yuan
from gateway.web import words

HERE = Path(__file__).parent
STATIC = HERE / "static"

TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters |= words.FILTERS | {"yuan": yuan}
TEMPLATES.globals |= words.GLOBALS


@lru_cache
def static_url(name: str) -> str:
    """The address of a static file, changing with its content so that browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


TEMPLATES.globals["static_url"] = static_url


def page(request: Request, name: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """A template as a response; every template also knows `request_id` and `today`."""
    known = {"request_id": request.scope["state"]["request_id"], "today": clock.today()}
    return HTMLResponse(TEMPLATES.get_template(name).render(known | facts), status)
