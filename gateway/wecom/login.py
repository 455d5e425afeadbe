"""Signing in with WeCom: the two addresses people are sent to, and who came back.

Sources: WeCom docs 91022 (in-app OAuth), 98152 (desktop), 91023 (getuserinfo).
"""

from urllib.parse import urlencode

from gateway.settings import Settings
from gateway.wecom.apps import require_app
from gateway.wecom.client import WeComApp
from gateway.wecom.faults import Answered

USER_INFO = "auth/getuserinfo"
CODE_SPENT = frozenset({40029, 42003, 42022})


def in_app_url(config: Settings, *, back: str, state: str) -> str:
    """Where WeCom's own browser is sent; it comes back at once, without a question."""
    corp_id, agent_id = require_app(config)
    asked = {
        "appid": corp_id,
        "redirect_uri": back,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
        "agentid": agent_id,
    }
    base = config.wecom_oauth_url.rstrip("/")
    return f"{base}/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"


def desktop_url(config: Settings, *, back: str, state: str) -> str:
    """Where a desktop browser is sent: the page with the code to scan."""
    corp_id, agent_id = require_app(config)
    asked = {
        "login_type": "CorpApp",
        "appid": corp_id,
        "agentid": agent_id,
        "redirect_uri": back,
        "state": state,
    }
    return f"{config.wecom_login_url.rstrip('/')}/wwlogin/sso/login?{urlencode(asked)}"


def member_behind(app: WeComApp, code: str) -> str | None:
    """The userid behind a code, None for somebody who is no member; WeComFault where WeCom fails.

    A code that was used, or never was, is nobody's.
    """
    try:
        reply = app.get(USER_INFO, params={"code": code})
    except Answered as fault:
        if fault.code in CODE_SPENT:
            return None
        raise
    userid = reply.get("userid") or reply.get("UserId")
    return str(userid) if userid else None
