"""Acts of a form: done whole, or refused with the page still there to be mended."""

from collections.abc import Callable
from typing import TypeVar

from domain.errors import BackOfficeError, Invalid, NotFound, NotPermitted
from gateway.web.errors import face
from gateway.web.sessions import Desk

T = TypeVar("T")


def attempt(desk: Desk, act: Callable[[], T]) -> T | BackOfficeError:
    """What the act gives, or the refusal that a form can mend; nothing of a refused act stays.

    What no typing mends (no permission, not there) is raised on.
    """
    try:
        with desk.session.begin_nested():
            return act()
    except (NotPermitted, NotFound):
        raise
    except BackOfficeError as refusal:
        return refusal


def status(refusal: BackOfficeError | None) -> int:
    """The status of a page that shows a refusal, or of one that does not."""
    return face(refusal).status if refusal else 200


def chosen(typed: str, name: str) -> int:
    """The id of a choice, or a refusal where none was made."""
    if not typed.isascii() or not typed.isdigit() or not 0 < len(typed) < 19:
        raise Invalid(f"请选择{name}")
    return int(typed)
