"""WeCom logins under way: a state is good for one use, one browser and five minutes."""

import secrets as randomness
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from domain.access import secrets
from domain.access.model import OauthState, SignInWay
from domain.errors import BackOfficeError

LIFE = timedelta(minutes=5)
KEPT = timedelta(days=1)


class StateInvalid(BackOfficeError):
    """Not a login this browser began, used before, or too old."""

    code = "login_state_invalid"


class NotAgreed(BackOfficeError):
    """Came back without a code: the person said no."""

    code = "login_not_agreed"


class NotColleague(BackOfficeError):
    """A member or customer who has no account here."""

    code = "login_not_colleague"


class WeComAway(BackOfficeError):
    """WeCom could not say who it is."""

    code = "wecom_away"


def begin(session: Session, *, way: SignInWay, browser: str, next_path: str, at: datetime) -> str:
    """The state to send along: letters and digits only, as WeCom asks."""
    session.execute(delete(OauthState).where(OauthState.made_at < at - KEPT))
    state = randomness.token_hex(24)
    session.add(
        OauthState(
            state_hash=secrets.hashed(state),
            browser_hash=secrets.hashed(browser),
            way=way,
            next_path=next_path,
            made_at=at,
        )
    )
    session.flush()
    return state


def finish(session: Session, state: str, *, browser: str, at: datetime) -> OauthState:
    """Use the state up; StateInvalid where it is not this browser's, or not any more."""
    row = session.scalar(
        update(OauthState)
        .where(
            OauthState.state_hash == secrets.hashed(state),
            OauthState.browser_hash == secrets.hashed(browser),
            OauthState.used_at.is_(None),
            OauthState.made_at > at - LIFE,
        )
        .values(used_at=at)
        .returning(OauthState)
    )
    if row is None:
        raise StateInvalid("这次登录已经失效，或不是在这个浏览器里开始的，请重新登录")
    return row
