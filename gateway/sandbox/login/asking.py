"""What an app asks for when it sends somebody to log in, checked as WeCom checks it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from gateway.sandbox.refusals import Refused
from gateway.sandbox.store import Store

STATE = re.compile(r"[A-Za-z0-9]{0,128}")
SCOPES = frozenset({"snsapi_base", "snsapi_userinfo", "snsapi_privateinfo"})


@dataclass(frozen=True)
class Wish:
    """A well-formed wish to know who somebody is."""

    redirect_uri: str
    state: str
    scope: str
    agent_id: int | None
    app_name: str

    def answered(self, code: str | None) -> str:
        """Where the browser goes: with the code, or (refused) without one."""
        parts = urlsplit(self.redirect_uri)
        said = {"code": code, "state": self.state}
        more = urlencode({key: value for key, value in said.items() if value})
        return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, more)))))


def in_app(store: Store, query: Mapping[str, str]) -> Wish:
    """The wish of /connect/oauth2/authorize. Raises Refused with WeCom's number."""
    if query.get("response_type") != "code":
        raise Refused("response_type 应为 code（错误 40058）")
    scope = query.get("scope", "")
    if scope not in SCOPES:
        raise Refused("scope 应为 snsapi_base 或 snsapi_privateinfo（错误 40058）")
    wish = checked(store, query, scope)
    if scope == "snsapi_privateinfo" and wish.agent_id is None:
        raise Refused("snsapi_privateinfo 必须带 agentid（错误 40056）")
    return wish


def on_computer(store: Store, query: Mapping[str, str]) -> Wish:
    """The wish of /wwlogin/sso/login. Raises Refused with WeCom's number."""
    if query.get("login_type", "CorpApp") != "CorpApp":
        raise Refused("login_type 应为 CorpApp（错误 40058）")
    wish = checked(store, query, "snsapi_base")
    if wish.agent_id is None:
        raise Refused("扫码登录必须带 agentid（错误 40056）")
    return wish


def checked(store: Store, query: Mapping[str, str], scope: str) -> Wish:
    """What both have in common: company, app, state, and where to go afterwards."""
    if query.get("appid") != store.recall("corp_id"):
        raise Refused("appid 不是本企业的企业 ID（错误 40013）")
    state = query.get("state", "")
    if not STATE.fullmatch(state):
        raise Refused("state 只能是字母和数字，最长 128 字节（错误 84025）")
    agent_id, name, domain = app_of(store, query.get("agentid", ""))
    target = query.get("redirect_uri", "")
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("redirect_uri 应是完整的网址（错误 50001）")
    if domain and parts.netloc.lower() != domain.lower():
        raise Refused(f"redirect_uri 的域名 {parts.netloc} 与应用的可信域名不一致（错误 50001）")
    return Wish(target, state, scope, agent_id, name)


def app_of(store: Store, agentid: str) -> tuple[int | None, str, str | None]:
    """The app that asks, its name and trusted domain."""
    if not agentid:
        return None, store.recall("corp_name") or "应用", None
    row = (
        store.one("SELECT * FROM app WHERE agent_id = ?", int(agentid))
        if agentid.isdecimal() and len(agentid) < 12
        else None
    )
    if row is None:
        raise Refused("agentid 不是本企业的应用（错误 40056）")
    return row["agent_id"], row["name"], row["trusted_domain"]
