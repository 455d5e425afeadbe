"""Are you sure: one page for everything that moves money, reaches many, or cannot be undone.

It says in numbers what will happen; its form carries what the person saw, so that the act can be
refused when that has changed meanwhile.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import Request, Response

from domain.access.sessions import NotSignedIn
from domain.errors import BackOfficeError, Invalid
from gateway.web.errors import FormStale, face
from gateway.web.fields import one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk

SHORTEST = 2


@dataclass(frozen=True)
class Sure:
    """One act before it is done. `figures` are label and words; `seen` goes along unseen.

    `reason` asks for a note under this label; `blocked` says why it cannot be done, and then there
    is no button. `grave`: it takes something back.
    """

    here: str
    title: str
    sentence: str
    action: str
    button: str
    back: str
    figures: Sequence[tuple[str, str]] = ()
    warnings: Sequence[str] = ()
    seen: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""
    optional: bool = False
    blocked: str = ""
    grave: bool = False


def sure(
    request: Request,
    desk: Desk,
    what: Sure,
    *,
    note: str = "",
    refusal: BackOfficeError | None = None,
) -> Response:
    """The page; after a refusal with its sentence and everything typed."""
    return page(
        request, "desk/sure.html", desk=desk, here=what.here, what=what, note=note,
        refusal=refusal.message if refusal else "", request_key=secrets.token_urlsafe(12),
        status=face(refusal).status if refusal else 200,
    )  # fmt: skip


def reason(typed: str, what: str) -> str:
    """What was typed as a reason, or a refusal that asks for one."""
    said = one_line(typed)
    if len(said) < SHORTEST:
        raise Invalid(f"请写明{what}的原因")
    return said


def may_ask_again(refusal: BackOfficeError) -> None:
    """Some refusals end the page: nobody is signed in here, or the form is not ours."""
    if isinstance(refusal, NotSignedIn | FormStale):
        raise refusal
