"""What can go wrong on the way to WeCom, without a token or a secret in any text.

The exceptions of the HTTP library quote the whole address, access token included; they are
translated here and dropped, so that no traceback, log or run record can carry a token.
"""

import requests
from urllib3.exceptions import NewConnectionError

from domain.errors import BackOfficeError

GETTOKEN = "gettoken"
STALE_TOKEN = frozenset({40014, 42001})


class NotConfigured(BackOfficeError):
    """WeCom is not set up; nothing was sent anywhere."""

    code = "wecom_not_configured"


class WeComFault(Exception):
    """A call that did not succeed. `path` is the API without its query.

    `maybe_accepted`: the request may have taken effect although no answer said so. Never true
    when only the token could not be fetched: the request itself was then not sent.
    """

    def __init__(self, path: str, text: str, *, maybe_accepted: bool = False) -> None:
        super().__init__(f"{path}: {text}")
        self.path = path
        self.maybe_accepted = maybe_accepted


class Answered(WeComFault):
    """WeCom answered with an error code. Judge by `code`; `errmsg` is only for a person to read."""

    def __init__(self, path: str, code: int, errmsg: str) -> None:
        super().__init__(path, f"errcode {code}")
        self.code = code
        self.errmsg = errmsg


class Unanswered(WeComFault):
    """No answer: refused connection, time-out, or a connection cut before the answer."""


class Garbled(WeComFault):
    """An answer that is not WeCom's: an HTTP error status, or a body that is not its JSON."""

    def __init__(self, path: str, status: int, *, maybe_accepted: bool) -> None:
        super().__init__(path, f"HTTP {status}", maybe_accepted=maybe_accepted)
        self.status = status


class NotSendable(WeComFault):
    """Refused before any call: the message or a receiver cannot be right. `reason` is Chinese."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.reason = reason


def unanswered(path: str, error: requests.RequestException) -> Unanswered:
    """The fault for a network error; raise it `from None`, the cause quotes the token."""
    maybe = path != GETTOKEN and not _never_left(error)
    return Unanswered(path, type(error).__name__, maybe_accepted=maybe)


def garbled(path: str, status: int) -> Garbled:
    """The fault for a strange answer. 3xx and 4xx come from something that held us back."""
    maybe = path != GETTOKEN and not 300 <= status < 500
    return Garbled(path, status, maybe_accepted=maybe)


def _never_left(error: requests.RequestException) -> bool:
    """Whether no connection was made, so that the request provably had no effect."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)
