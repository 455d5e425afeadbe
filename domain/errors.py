"""Errors a colleague can cause and mend. Everything else is a bug and crashes loudly."""

from collections.abc import Mapping
from typing import Any


class BackOfficeError(Exception):
    """A refusal: nothing was changed. Carries a short code and a Chinese sentence for the screen.

    Subclasses name a refusal and set `code`; `facts` are plain values that help to mend it
    (never personal data: they reach logs and JSON).
    """

    code = "refused"

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Mapping[str, Any] = facts


class NotFound(BackOfficeError):
    """The thing asked for does not exist, or not here."""

    code = "not_found"


class Invalid(BackOfficeError):
    """A value that cannot be accepted as it was typed."""

    code = "invalid"


class NotAllowedNow(BackOfficeError):
    """The lifecycle of the thing has no such move from where it stands, or a guard said no."""

    code = "not_allowed_now"


class NotPermitted(BackOfficeError):
    """The person may not do this here."""

    code = "not_permitted"


class Conflict(BackOfficeError):
    """Somebody else was first, or the request contradicts what is stored."""

    code = "conflict"
