"""Settings become apps, or a refusal that says what is missing."""

from typing import Any

import pytest

from domain.errors import BackOfficeError
from gateway.settings import Settings
from gateway.wecom.apps import contact_app, staff_app
from gateway.wecom.faults import NotConfigured
from gateway.wecom.tokens import MemoryTokenStore

WHOLE = {
    "wecom_corp_id": "ww1",
    "wecom_agent_id": 7,
    "wecom_secret": "staff-secret",
    "wecom_base_url": "http://127.0.0.1:9",
}


def settings(**facts: Any) -> Settings:
    return Settings.model_validate({**WHOLE, **facts})


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of the developer
    for name in WHOLE:
        monkeypatch.delenv(f"WUYE_{name.upper()}", raising=False)


@pytest.mark.parametrize("missing", ["wecom_corp_id", "wecom_agent_id", "wecom_secret"])
@pytest.mark.parametrize("make", [staff_app, contact_app])
def test_without_settings_there_is_no_app(make: Any, missing: str) -> None:
    with pytest.raises(NotConfigured) as caught:
        make(settings(**{missing: None}), MemoryTokenStore())
    assert isinstance(caught.value, BackOfficeError)
    assert caught.value.facts["missing"] == [f"WUYE_{missing.upper()}"]
    assert "还没有配置企业微信" in caught.value.message


def test_owners_are_reached_with_the_contact_secret_where_there_is_one() -> None:
    store = MemoryTokenStore()
    one = settings()
    two = settings(wecom_contact_secret="contact-secret")
    assert contact_app(one, store).key == staff_app(one, store).key
    assert contact_app(two, store).key != staff_app(two, store).key


def test_another_host_or_secret_is_another_app_in_storage() -> None:
    store = MemoryTokenStore()
    keys = {
        staff_app(settings(**change), store).key
        for change in ({}, {"wecom_secret": "new"}, {"wecom_base_url": "http://127.0.0.1:10"})
    }
    assert len(keys) == 3
    assert not any("secret" in key for key in keys)


@pytest.mark.parametrize("base", ["http://qyapi.weixin.qq.com", "qyapi.weixin.qq.com", "ftp://x"])
def test_production_sends_secrets_over_tls_only(base: str) -> None:
    with pytest.raises(NotConfigured):
        staff_app(settings(environment="production", wecom_base_url=base), MemoryTokenStore())
