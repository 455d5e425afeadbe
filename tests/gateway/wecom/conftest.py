"""A misbehaving server and an app that talks to it."""

from collections.abc import Callable, Iterator

import pytest

from gateway.wecom.client import WeComApp
from gateway.wecom.tokens import MemoryTokenStore
from tests.gateway.wecom.fakeserver import FakeWeCom

CORP, SECRET, AGENT = "wwcorp", "s3cret-of-the-app", 1000002

MakeApp = Callable[..., WeComApp]


@pytest.fixture
def wecom() -> Iterator[FakeWeCom]:
    """A server of this test's own."""
    fake = FakeWeCom()
    yield fake
    fake.close()


@pytest.fixture
def make_app(wecom: FakeWeCom) -> MakeApp:
    """Apps of the corp; by default each with a store of its own."""

    def make(
        secret: str = SECRET,
        agent: int = AGENT,
        store: MemoryTokenStore | None = None,
        seconds: float = 10,
    ) -> WeComApp:
        return WeComApp(
            CORP, secret, agent, base_url=wecom.url, store=store or MemoryTokenStore(),
            timeout=(seconds, seconds),
        )  # fmt: skip

    return make


@pytest.fixture
def app(make_app: MakeApp) -> WeComApp:
    """The app."""
    return make_app()


@pytest.fixture
def impatient(make_app: MakeApp) -> WeComApp:
    """The app, for servers that never answer."""
    return make_app(seconds=0.4)
