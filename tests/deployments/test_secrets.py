"""Secrets made once for the embedded default, and refusals where a person must set them."""

import base64
import stat
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from deployments.stack import secrets
from deployments.stack.databases import create_databases
from deployments.stack.environment import given_prefect_api, stack_environment
from deployments.stack.errors import SettingsMissing
from deployments.stack.home import Home
from deployments.stack.ports import Ports
from domain.vault import Vault
from gateway.settings import Settings


def test_they_are_made_once_and_only_the_owner_reads_them(home: Home, config: Settings) -> None:
    first = secrets.ensure(home, config)
    assert secrets.ensure(home, config) == first
    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o600
    sealed = Vault.from_setting(first["WUYE_DATA_KEYS"]).seal("13800000000")
    assert Vault.from_setting(first["WUYE_DATA_KEYS"]).open(sealed) == "13800000000"
    assert len(base64.b64decode(first["WUYE_WECOM_AES_KEY"] + "=")) == 32


def test_two_homes_never_share_a_secret(tmp_path: Path) -> None:
    both = [Home.at(tmp_path / name).make() for name in ("one", "two")]
    made = [secrets.ensure(home, Settings(home=home.root)) for home in both]
    shared = {key for key in made[0] if made[0][key] == made[1][key]}
    assert shared == {"WUYE_WECOM_AGENT_ID"}


def test_what_a_person_set_is_stronger(home: Home) -> None:
    config = Settings(home=home.root, secret_key=SecretStr("mine"), wecom_corp_id="wwreal")
    environment = stack_environment(config)
    assert "WUYE_SECRET_KEY" not in environment
    assert "WUYE_WECOM_SECRET" not in environment, "no sandbox beside a real company"
    assert "WUYE_WECOM_BASE_URL" not in environment


def test_with_an_external_database_the_missing_variables_are_named(home: Home) -> None:
    config = Settings(home=home.root, database_url="postgresql://u@db.example/wuye")
    with pytest.raises(SettingsMissing) as refused:
        secrets.ensure(home, config)
    assert refused.value.message == (
        "使用外部数据库时必须先设置：WUYE_SECRET_KEY、WUYE_DATA_KEYS。"
    )
    assert not home.secrets.exists()


def test_production_asks_for_wecom_too(home: Home) -> None:
    config = Settings(home=home.root, environment="production")
    with pytest.raises(SettingsMissing) as refused:
        secrets.require(config)
    assert "WUYE_WECOM_CORP_ID" in refused.value.message
    assert not secrets.wants_sandbox(config)


def test_children_get_addresses_secrets_and_prefects_settings(home: Home, config: Settings) -> None:
    environment = stack_environment(config, Ports.from_base(9000))
    assert environment["WUYE_BASE_URL"] == "http://127.0.0.1:9000"
    assert environment["PREFECT_API_URL"] == "http://127.0.0.1:9001/api"
    assert environment["WUYE_WECOM_BASE_URL"] == "http://127.0.0.1:9002"
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["PREFECT_API_DATABASE_CONNECTION_URL"].startswith("postgresql+asyncpg://")
    assert environment["WUYE_HOME"] == str(home.root)


def test_an_external_database_lends_its_server_to_prefect(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Settings(
        home=home.root,
        database_url="postgresql://u:p@db.example:5433/city?sslmode=require&application_name=x",
        secret_key=SecretStr("s"),
        data_keys=SecretStr("k1:" + base64.b64encode(bytes(32)).decode()),
    )
    environment = stack_environment(config)
    url = environment["PREFECT_API_DATABASE_CONNECTION_URL"]
    assert url == "postgresql+asyncpg://u:p@db.example:5433/city_prefect?ssl=require"


def test_what_a_person_set_outlives_the_stacks_environment(
    config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command takes the environment in before it asks which Prefect server to use."""
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect.example/api")
    for _ in range(2):
        for name, value in stack_environment(config).items():
            monkeypatch.setenv(name, value)
        assert given_prefect_api() == "http://prefect.example/api"


def test_prefect_gets_its_database_from_a_command_too(
    home: Home, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = make_url(database_url).set(drivername="postgresql")
    theirs = server.set(database="of_a_command").render_as_string(hide_password=False)
    config = Settings(
        home=home.root, database_url=theirs, secret_key=SecretStr("s"),
        data_keys=SecretStr("k1:" + base64.b64encode(bytes(32)).decode()),
    )  # fmt: skip
    with closing(psycopg2.connect(server.render_as_string(hide_password=False))) as admin:
        admin.autocommit = True
        admin.cursor().execute("CREATE DATABASE of_a_command")
        for name, value in stack_environment(config).items():
            monkeypatch.setenv(name, value)
        create_databases(config)
        with admin.cursor() as found:
            found.execute("SELECT count(*) FROM pg_database WHERE datname ^@ 'of_a_command'")
            assert found.fetchone() == (2,)
        for name in ("of_a_command_prefect", "of_a_command"):
            admin.cursor().execute(f"DROP DATABASE {name}")
