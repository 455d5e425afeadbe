"""What is configured, reachable and missing, as sentences. Changes and starts nothing."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import psycopg2

from deployments.stack import databases, secrets
from deployments.stack.environment import given_prefect_api
from deployments.stack.errors import DatabaseNewer, SettingsInvalid, SettingsMissing
from deployments.stack.home import Home, StackInfo, running, there
from deployments.stack.ports import LOOPBACK
from deployments.stack.postgres import EmbeddedPostgres
from deployments.stack.prefect_api import PrefectApi
from deployments.stack.rest import answers
from domain import clock
from gateway.settings import Settings

LOW_DISK_BYTES = 2_000_000_000
HEARD_SECONDS = 90

State = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `note` is fine but worth knowing, `problem` needs a person.

    `refusal`: the code of a refusal that every command which touches the database meets until then.
    """

    name: str
    state: State
    says: str
    refusal: str = ""


@dataclass(frozen=True)
class SettingSeen:
    """A setting: never its value."""

    name: str
    set: bool
    secret: bool
    description: str


def examine(settings: Settings) -> list[Finding]:
    """Everything, in the order one would mend it."""
    home = Home.at(settings.home)
    up = running(home)
    return [
        _stack(up),
        *_home(home),
        *_secrets(settings, home),
        *_database(settings, home),
        *_prefect(up),
        _wecom(settings, up),
        _pages(settings, up),
    ]


def list_settings(settings: Settings) -> list[SettingSeen]:
    """Every WUYE_* variable and whether somebody set it."""
    return [
        SettingSeen(
            f"WUYE_{name.upper()}",
            name in settings.model_fields_set,
            "SecretStr" in str(field.annotation) or name == "database_url",
            field.description or "",
        )
        for name, field in type(settings).model_fields.items()
    ]


def _stack(up: StackInfo | None) -> Finding:
    if up is None:
        return Finding("stack", "note", "本机的整套系统没有启动；用 wuye up 启动。")
    return Finding("stack", "ok", f"整套系统正在运行（进程 {up.pid}）：{up.urls['desk']}")


def _home(home: Home) -> Iterator[Finding]:
    place = next(p for p in (home.root, *home.root.parents) if there(p))
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        says = f"数据目录 {home.root} 不能写入，请换一个（WUYE_HOME）或修改它的权限。"
        yield Finding("disk", "problem", says)
        return
    free = shutil.disk_usage(place).free
    size = f"{free / 1e9:.1f} GB"
    if free < LOW_DISK_BYTES:
        yield Finding("disk", "problem", f"数据目录 {home.root} 所在磁盘只剩 {size}。")
    else:
        yield Finding("disk", "ok", f"数据目录 {home.root}，磁盘还有 {size}。")


def _secrets(settings: Settings, home: Home) -> Iterator[Finding]:
    try:
        secrets.require(settings)
    except SettingsMissing as missing:
        yield Finding("secrets", "problem", missing.message)
        return
    if settings.data_keys is not None:
        yield Finding("secrets", "ok", "密钥由环境变量给出，请妥善备份。")
        return
    if not there(home.secrets):
        yield Finding("secrets", "note", "密钥会在第一次启动时生成。")
        return
    says = f"密钥在 {home.secrets}：请另外备份，丢了就读不出电话和身份证号。"
    loose = home.secrets.stat().st_mode & 0o077
    if loose:
        says = f"密钥文件 {home.secrets} 别人也能读，请运行 chmod 600。"
    yield Finding("secrets", "problem" if loose else "note", says)


def _database(settings: Settings, home: Home) -> Iterator[Finding]:
    if databases.is_embedded(settings) and EmbeddedPostgres(home).postmaster() is None:
        kept = there(home.postgres / "PG_VERSION")
        state = "已有数据，没有启动" if kept else "还没有建立"
        yield Finding("database", "note", f"内置数据库{state}；启动系统时会自动启动。")
        return
    url = databases.business_url(settings)
    kind = "内置数据库" if databases.is_embedded(settings) else "外部数据库"
    try:
        databases.external(settings)
    except SettingsInvalid as unreadable:
        yield Finding("database", "problem", unreadable.message)
        return
    try:
        psycopg2.connect(databases.plain(url), connect_timeout=5).close()
    except psycopg2.OperationalError:
        yield Finding("database", "problem", f"{kind}连不上，请检查 WUYE_DATABASE_URL 和网络。")
        return
    yield Finding("database", "ok", f"{kind}能连上。")
    yield _tables(url)


def _tables(url: str) -> Finding:
    from deployments import migrate

    at, newest = migrate.current(url), migrate.head()
    if at == newest:
        return Finding("tables", "ok", f"表结构是最新的（{at}）。")
    try:
        migrate.must_know(at)
    except DatabaseNewer as newer:
        return Finding("tables", "problem", newer.message, newer.code)
    return Finding(
        "tables", "problem", f"表结构是 {at or '空的'}，应为 {newest}：请运行 wuye db upgrade。"
    )


def _prefect(up: StackInfo | None) -> Iterator[Finding]:
    url = given_prefect_api() or (up.urls["prefect_api"] if up else None)
    if url is None:
        yield Finding("prefect", "note", "流程服务随系统一起启动。")
        return
    api = PrefectApi(url)
    if not api.healthy():
        yield Finding("prefect", "problem", f"流程服务 {url} 连不上。")
        return
    count = len(api.deployments())
    yield Finding("prefect", "ok", f"流程服务能连上，登记了 {count} 个流程。")
    since = clock.now() - timedelta(seconds=HEARD_SECONDS)
    if api.worker_heard(since):
        yield Finding("worker", "ok", "流程执行进程在线。")
    else:
        yield Finding("worker", "problem", "一分半钟没有听到流程执行进程，流程不会开始。")


def _wecom(settings: Settings, up: StackInfo | None) -> Finding:
    if settings.wecom_corp_id and settings.wecom_base_url.startswith(f"http://{LOOPBACK}"):
        return Finding("wecom", "note", f"企业微信由沙盒扮演：{settings.wecom_base_url}")
    if settings.wecom_corp_id:
        lacking = [
            f"WUYE_WECOM_{name.upper()}"
            for name in ("agent_id", "secret", "token", "aes_key")
            if getattr(settings, f"wecom_{name}") is None
        ]
        if lacking:
            return Finding("wecom", "problem", f"企业微信还缺：{'、'.join(lacking)}。")
        return Finding("wecom", "ok", f"企业微信已配置（企业 {settings.wecom_corp_id}）。")
    if up and "sandbox" in up.urls and answers(f"{up.urls['sandbox']}/_sandbox/health"):
        return Finding("wecom", "note", f"没有企业微信，由沙盒扮演：{up.urls['sandbox']}")
    return Finding("wecom", "note", "没有配置企业微信，启动后由本机沙盒扮演。")


def _pages(settings: Settings, up: StackInfo | None) -> Finding:
    if up is None:
        return Finding("pages", "note", f"网页地址将是 {settings.base_url}。")
    if answers(f"{up.urls['gateway']}/health"):
        return Finding("pages", "ok", f"网页能打开：{up.urls['gateway']}")
    return Finding(
        "pages", "problem", f"网页 {up.urls['gateway']} 打不开，日志在 logs/gateway.log。"
    )


def sign(state: State) -> str:
    """The mark before a finding."""
    return {"ok": "✓", "note": "·", "problem": "✗"}[state]
