"""`wuye wecom menu`: what colleagues touch at the bottom of the app's conversation."""

import pytest
from pydantic import SecretStr

from deployments import app_menu
from deployments.office import OpenOffice
from gateway.settings import Settings
from gateway.web.desk.menu import MENU
from tests.support import sandbox as wecom


def test_every_entry_is_a_page_of_the_desk():
    pages = {f"/desk/{entry.key}" for module in MENU for entry in module.entries}
    assert {*app_menu.MONEY.values(), *app_menu.MORE.values()} <= pages
    for entry in app_menu.entries("https://wuye.example.com/"):
        assert entry.body(), "within WeCom's limits"


def office_at(engine, vault, url: str, secret: str = wecom.APP_SECRET) -> OpenOffice:
    config = Settings(
        _env_file=None, wecom_corp_id=wecom.CORP_ID, wecom_agent_id=wecom.AGENT_ID,
        wecom_secret=SecretStr(secret), wecom_base_url=url, base_url="https://wuye.example.com",
    )  # fmt: skip
    return OpenOffice(engine, config, vault)


def test_it_is_set_and_set_again(engine, vault):
    with wecom.SandboxServer() as sandbox:
        sandbox.seed_office()
        office = office_at(engine, vault, sandbox.url)
        first, second = app_menu.set_up(office), app_menu.set_up(office)
        with pytest.raises(app_menu.MenuRefused, match="菜单没有设好"):
            app_menu.set_up(office_at(engine, vault, sandbox.url, "not the secret"))
    assert first == second
    desk, money, more = first["menu"]
    assert (desk["name"], desk["url"]) == ("工作台", "https://wuye.example.com/desk")
    assert [one["name"] for one in money["sub_button"]][:2] == ["收费台", "出账和审批"]
    assert more["sub_button"][0]["url"] == "https://wuye.example.com/desk/flows"
