"""What `wuye doctor` says, and what it must never say."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from deployments.cli.run import run
from deployments.doctor import Finding, examine, list_settings
from deployments.stack import secrets
from deployments.stack.home import Home
from deployments.stack.postgres import EmbeddedPostgres
from gateway.settings import Settings


def findings(config: Settings) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(config)}


def test_a_fresh_machine_has_no_problem_and_nothing_is_started(
    home: Home, config: Settings
) -> None:
    found = findings(config)
    assert [f for f in found.values() if f.state == "problem"] == []
    assert "还没有建立" in found["database"].says
    assert "沙盒" in found["wecom"].says
    assert not home.postgres.exists()
    assert not home.secrets.exists()


def test_secrets_are_to_be_backed_up_and_kept_private(home: Home, config: Settings) -> None:
    secrets.ensure(home, config)
    assert "备份" in findings(config)["secrets"].says
    home.secrets.chmod(0o644)
    assert findings(config)["secrets"].state == "problem"


def test_a_database_without_our_tables_says_what_to_do(
    postgres: EmbeddedPostgres, config: Settings
) -> None:
    from deployments.stack.databases import create_databases

    postgres.ensure_running()
    create_databases(config)
    found = findings(config)
    assert found["database"].state == "ok"
    assert "wuye db upgrade" in found["tables"].says


def test_an_unreachable_database_is_a_problem_without_its_password(home: Home) -> None:
    config = Settings(
        home=home.root,
        database_url="postgresql://u:very-secret@127.0.0.1:1/x",
        secret_key=SecretStr("very-secret"),
        data_keys=SecretStr("very-secret"),
        wecom_corp_id="ww1",
        wecom_secret=SecretStr("very-secret"),
    )
    found = findings(config)
    assert found["database"].state == "problem"
    assert "WUYE_WECOM_TOKEN" in found["wecom"].says
    everything = f"{found} {list_settings(config)}"
    assert "very-secret" not in everything


def test_every_setting_is_listed_with_words(config: Settings) -> None:
    listed = list_settings(config)
    assert [each.name for each in listed] == [f"WUYE_{n.upper()}" for n in Settings.model_fields]
    assert all(each.description for each in listed)
    assert [each.name for each in listed if each.set] == ["WUYE_HOME"]


def test_json_is_one_object_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--json"]) == 0
    captured = capsys.readouterr()
    assert set(json.loads(captured.out)) == {"ok", "checks", "settings"}
    assert captured.err == ""


def test_a_home_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = findings(Settings(home=tmp_path / "file" / "home"))
    assert found["disk"].state == "problem"
    assert "不能写入" in found["disk"].says
