"""接口令牌 of one's own: what programs may do in one's name, made and ended here."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from domain.access import tokens
from domain.access.model import ApiToken
from domain.access.permissions import MODULES, PERMISSIONS
from domain.errors import BackOfficeError, Conflict, Invalid, NotPermitted
from domain.history import reading
from gateway.web.desk import audit_words
from gateway.web.errors import face
from gateway.web.fields import FormId, FormKey, Id, Typed, one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/me/tokens")

ENDED_SHOWN = 20
ACTS_SHOWN = 50
TokenId = Annotated[Id, Path()]
TERMS = (30, 90, 180, tokens.LONGEST_DAYS)
Scopes = Annotated[list[str], Form(max_length=len(PERMISSIONS))]
Term = Annotated[int, Form(ge=1, le=tokens.LONGEST_DAYS)]


@dataclass(frozen=True)
class Entered:
    """What was typed."""

    name: str = ""
    scopes: Sequence[str] = ()
    days: int = 90


@dataclass(frozen=True)
class Shown:
    """What stands above the list: a new token, a refusal, or what was done."""

    secret: str = ""
    refusal: BackOfficeError | None = None
    done: str = ""
    entered: Entered = field(default_factory=Entered)


@router.get("")
def mine(request: Request, done: str = "") -> Response:
    """My tokens, and a form for another."""
    with at_desk(request) as desk:
        return _show(request, desk, Shown(done=done))


@router.get("/{token_id}")
def one(request: Request, token_id: TokenId) -> Response:
    """One of my tokens, also one that has ended: what it may do, and what was done with it."""
    with at_desk(request) as desk:
        row = tokens.of(desk.session, desk.staff.id, token_id)
        acts = reading.of_token(desk.session, desk.access, row.id, limit=ACTS_SHOWN)
        return page(
            request, "desk/token.html", desk=desk, row=row, acts=acts, names=PERMISSIONS,
            act=audit_words.act, thing=audit_words.thing, stands=_stands(desk, row),
        )  # fmt: skip


@router.post("")
def make(
    request: Request,
    name: Typed = "",
    scope: Scopes = [],  # noqa: B006 - FastAPI copies it
    days: Term = 90,
    form_key: FormKey = "",
) -> Response:
    """A new token: its secret stands on the page that answers, and nowhere ever again."""
    entered = Entered(one_line(name), scope, days)
    try:
        with at_desk(request, form_key=form_key) as desk:
            secret, _ = tokens.issue(
                desk.session, desk.staff, name=entered.name, scopes=entered.scopes, days=days,
                by=desk.access.actor, at=desk.at,
            )  # fmt: skip
            return _show(request, desk, Shown(secret=secret))
    except (Invalid, Conflict, NotPermitted) as refusal:
        with at_desk(request, form_key=form_key) as desk:
            return _show(request, desk, Shown(refusal=refusal, entered=entered))


@router.post("/revoke")
def revoke(request: Request, token_id: FormId, form_key: FormKey = "") -> Response:
    """End one of my tokens at once; one that is not mine, or no longer there, changes nothing."""
    with at_desk(request, form_key=form_key) as desk, suppress(tokens.TokenNotFound):
        tokens.revoke(desk.session, desk.staff.id, token_id, by=desk.access.actor, at=desk.at)
    return RedirectResponse("/desk/me/tokens?done=revoked", 303)


def _show(request: Request, desk: Desk, shown: Shown) -> Response:
    rows = tokens.alive(desk.session, desk.staff.id, at=desk.at)
    over = tokens.ended(desk.session, desk.staff.id, at=desk.at, limit=ENDED_SHOWN)
    return page(
        request, "desk/tokens.html", status=face(shown.refusal).status if shown.refusal else 200,
        desk=desk, rows=rows, ended=over, shown=shown, terms=TERMS, names=PERMISSIONS,
        offered=_held(desk), most=tokens.MOST,
    )  # fmt: skip


def _stands(desk: Desk, row: ApiToken) -> tuple[str, str]:
    if row.revoked_at is not None:
        return "quiet", "已停用"
    return ("good", "在用") if desk.at < row.ends_at else ("quiet", "已过期")


def _held(desk: Desk) -> Mapping[str, Mapping[str, str]]:
    """What I hold myself, by module: more than that no token gets."""
    mine = {
        module: {code: said for code, said in permissions.items() if code in desk.held}
        for module, permissions in MODULES.items()
    }
    return {module: held for module, held in mine.items() if held}
