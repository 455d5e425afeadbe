"""A gateway whose WeCom is a real sandbox, and a colleague who exists in both."""

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr

from domain.access import passwords
from gateway.settings import Settings
from tests.support import sandbox as box


@pytest.fixture(scope="package")
def running():
    """The sandbox process."""
    with box.SandboxServer() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    """The sandbox with its office and nothing else."""
    running.reset()
    running.seed_office()
    return running


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """The same hash of passwords with little work: nobody here guesses, and many log in."""
    hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", hasher)
    monkeypatch.setattr(passwords, "NOBODY", hasher.hash("nobody has this password"))


@pytest.fixture
def config(sandbox) -> Settings:
    """Settings that lead to the sandbox for everything."""
    return Settings(
        _env_file=None, secret_key=SecretStr("a key for this run"), base_url="http://testserver",
        wecom_corp_id=box.CORP_ID, wecom_agent_id=box.AGENT_ID,
        wecom_secret=SecretStr(box.APP_SECRET), wecom_base_url=sandbox.url,
        wecom_oauth_url=sandbox.url, wecom_login_url=sandbox.url,
    )  # fmt: skip


@pytest.fixture
def lisi(scene):
    """李四, who is a member in WeCom under the same name; an administrator and a clerk beside her."""
    with scene() as office:
        person = office.staff("lisi", "李四", ["payments.take"])
        person.admin = office.staff("admin", "赵主管", ["staff.see", "staff.edit", "payments.take"])
        person.clerk = office.staff("clerk", "徐客服", ["staff.see"])
    return person
