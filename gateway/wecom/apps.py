"""The apps that settings describe. Without settings there is no app, and so no outbound call."""

from urllib.parse import urlsplit

from gateway.settings import Settings
from gateway.wecom.client import WeComApp
from gateway.wecom.faults import NotConfigured
from gateway.wecom.tokens import TokenStore


def staff_app(settings: Settings, store: TokenStore) -> WeComApp:
    """The app that sends to colleagues (app messages, cards)."""
    return _app(settings, store, contact=False)


def contact_app(settings: Settings, store: TokenStore) -> WeComApp:
    """The app that reaches owners (客户联系); the staff app where no secret of its own is set."""
    return _app(settings, store, contact=True)


def require_app(settings: Settings) -> tuple[str, int]:
    """Corp id and agent id, or the refusal that says what is not set."""
    if not settings.wecom_corp_id or settings.wecom_agent_id is None:
        raise _not_configured(settings)
    return settings.wecom_corp_id, settings.wecom_agent_id


def _app(settings: Settings, store: TokenStore, *, contact: bool) -> WeComApp:
    secret = (settings.wecom_contact_secret if contact else None) or settings.wecom_secret
    corp_id, agent_id = settings.wecom_corp_id, settings.wecom_agent_id
    if not corp_id or agent_id is None or secret is None or not secret.get_secret_value():
        raise _not_configured(settings)
    return WeComApp(
        corp_id, secret.get_secret_value(), agent_id, base_url=_base_url(settings), store=store
    )


def _not_configured(settings: Settings) -> NotConfigured:
    needed = ("wecom_corp_id", "wecom_agent_id", "wecom_secret")
    missing = [name for name in needed if getattr(settings, name) in (None, "")]
    return NotConfigured(
        "还没有配置企业微信，消息没有发出；请管理员补齐企业 ID、应用 AgentId 和 Secret",
        missing=[f"WUYE_{name.upper()}" for name in missing],
    )


def _base_url(settings: Settings) -> str:
    """The API host. Secrets travel in the address, so production insists on TLS."""
    parts = urlsplit(settings.wecom_base_url)
    allowed = ("https",) if settings.environment == "production" else ("https", "http")
    if parts.scheme not in allowed or not parts.hostname:
        raise NotConfigured("企业微信接口地址不对；正式环境必须以 https:// 开头")
    return settings.wecom_base_url
