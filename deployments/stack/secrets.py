"""Secrets the embedded default makes once for itself. They are read and never printed."""

import base64
import os
import secrets
import string
from pathlib import Path

from deployments.stack.databases import is_embedded
from deployments.stack.errors import SettingsMissing
from deployments.stack.home import Home, alone
from gateway.settings import Settings

ALWAYS = ("secret_key", "data_keys")
DATA_KEYS = "WUYE_DATA_KEYS"
SANDBOX_AGENT_ID = "1000002"
_LETTERS = string.ascii_letters + string.digits


def wants_sandbox(settings: Settings) -> bool:
    """Without WeCom credentials, and not in production, the sandbox plays WeCom."""
    return settings.wecom_corp_id is None and settings.environment == "local"


def require(settings: Settings) -> None:
    """`SettingsMissing`, naming each variable that must be set by a person here."""
    missing: list[str] = []
    if not is_embedded(settings) or settings.environment == "production":
        missing += [name for name in ALWAYS if getattr(settings, name) is None]
    if settings.environment == "production":
        wecom = ("wecom_corp_id", "wecom_agent_id", "wecom_secret")
        missing += [name for name in wecom if getattr(settings, name) is None]
    if missing:
        names = "、".join(f"WUYE_{name.upper()}" for name in missing)
        where = "production 环境" if is_embedded(settings) else "使用外部数据库"
        raise SettingsMissing(f"{where}时必须先设置：{names}。", missing=missing)


def ensure(home: Home, settings: Settings) -> dict[str, str]:
    """`WUYE_*` values for what is not set, made once and kept in `secrets.env`."""
    require(settings)
    with alone(home, "secrets"):
        known = load(home)
        wanted = _own() if is_embedded(settings) else {}
        if wants_sandbox(settings):
            wanted |= _for_sandbox()
        missing = {key: value for key, value in wanted.items() if key not in known}
        if missing:
            _append(home.secrets, missing)
    return {key: value for key, value in {**missing, **known}.items() if key in wanted}


def load(home: Home) -> dict[str, str]:
    """What `secrets.env` holds; nothing if there is none."""
    if not home.secrets.exists():
        return {}
    lines = home.secrets.read_text("ascii").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key: value for key, _, value in pairs}


def put_in_front(home: Home, entry: str) -> str:
    """Make a data key the current one in `secrets.env`, before the others; all of them, as set."""
    with alone(home, "secrets"):
        known = load(home)
        keys = ",".join(filter(None, (entry, known.get(DATA_KEYS))))
        draft = home.secrets.with_suffix(".new")
        draft.unlink(missing_ok=True)
        _append(draft, known | {DATA_KEYS: keys})
        draft.replace(home.secrets)
    return keys


def _own() -> dict[str, str]:
    return {
        "WUYE_SECRET_KEY": secrets.token_urlsafe(48),
        DATA_KEYS: f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }


def _for_sandbox() -> dict[str, str]:
    return {
        "WUYE_WECOM_CORP_ID": f"ww{secrets.token_hex(8)}",
        "WUYE_WECOM_AGENT_ID": SANDBOX_AGENT_ID,
        "WUYE_WECOM_SECRET": _word(43),
        "WUYE_WECOM_TOKEN": _word(24),
        "WUYE_WECOM_AES_KEY": base64.b64encode(secrets.token_bytes(32)).decode().rstrip("="),
    }


def _word(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _append(file_of: Path, values: dict[str, str]) -> None:
    file = os.open(file_of, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    with os.fdopen(file, "w", encoding="ascii") as out:
        if out.tell() == 0:
            out.write("# Made once by wuye. Lost data keys mean lost phone and ID numbers.\n")
        out.writelines(f"{key}={value}\n" for key, value in values.items())
        out.flush()
        os.fsync(out.fileno())
