"""The gateway over a committed database: a client per browser, pages as text."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from html import unescape

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, event

from domain import clock
from domain.people.model import Person
from domain.session import transaction
from domain.staff.model import Staff
from domain.vault import Vault
from gateway import runs
from gateway.links import desk_link, owner_link
from gateway.settings import Settings
from tests.factories.office import Office
from tests.support import asgi, database
from tests.support.browsing import chromium, served, window
from tests.support.flows_told import FlowsTold
from tests.support.gateway import gateway

__all__ = ["chromium", "served", "window"]
"""Fixtures that live elsewhere."""

KEY = re.compile(r'name="form_key" value="([^"]+)"')


@pytest.fixture(scope="session", autouse=True)
def one_loop() -> Iterator[None]:
    """Serves what clients ask."""
    with asgi.one_loop():
        yield


@pytest.fixture(scope="session")
def settings_of_run(data_keys: str) -> Settings:
    """Settings of a gateway with the keys of this run."""
    return Settings(
        _env_file=None, secret_key=SecretStr("a key for this run"), base_url="http://testserver",
        data_keys=SecretStr(data_keys),
    )  # fmt: skip


@pytest.fixture
def config(settings_of_run: Settings) -> Settings:
    """The same for a test of its own, which may change them."""
    return settings_of_run.model_copy()


@pytest.fixture
def app(config: Settings, engine: Engine):
    """The application over the test database, with a Prefect that is only told of."""
    made = gateway(config, engine)
    made.state.flow_server = FlowsTold()
    return made


@pytest.fixture
def hurried(monkeypatch) -> None:
    """Who wakes a flow that is awake already gives up at once: here none is about to fall asleep."""
    monkeypatch.setitem(runs.wake_soon.__kwdefaults__, "within", 0.3)


@pytest.fixture
def scene(engine: Engine, vault: Vault) -> Callable:
    """Set the stage and commit it, in a `with` block over an office."""

    @contextmanager
    def stage() -> Iterator[Office]:
        with transaction(engine) as session:
            yield Office(session, vault, at=clock.now(), reread=False)
            database.read_again(session)  # sets of rows were moved behind their backs

    return stage


@pytest.fixture
def room(scene):
    """A room that owes ¥100.00 for October and ¥50.00 for November."""
    with scene() as office:
        room = office.room("1-1-101")
        room.bills = [
            office.bill(room, 10_000, month=date(2026, 10, 1)),
            office.bill(room, 5_000, month=date(2026, 11, 1)),
        ]
        room.cashier = office.staff("li", "李收银", ["payments.take"])
        room.boss = office.manager
        room.colleague = office.staff("wang", "王收银", ["payments.take"])
    room.path = f"/desk/counter/rooms/{room.id}"
    room.ids = [bill.id for bill in room.bills]
    return room


class Browser:
    """One browser: keeps its cookie, submits forms with the secret they came with."""

    def __init__(self, app, config: Settings) -> None:
        self.app, self.config = app, config
        self.http = asgi.Client(app)
        self.form_key = ""

    def get(self, path: str, **extra):
        return self._seen(self.http.get(path, **extra))

    def post(self, path: str, **form):
        return self._seen(self.http.post(path, data={"form_key": self.form_key, **form}))

    def follow(self, answer):
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"])

    def sign_in(self, staff: Staff) -> "Browser":
        path = path_of(desk_link(self.config, staff.id, clock.now()))
        assert self.post(path).status_code == 303
        self.get("/desk")
        return self

    def _seen(self, answer):
        found = KEY.search(answer.text)
        self.form_key = found[1] if found else self.form_key
        return answer


@pytest.fixture
def browser(app, config: Settings) -> Callable[[], Browser]:
    """Opens a browser nobody is signed in at."""
    return lambda: Browser(app, config)


@pytest.fixture
def owner_path(config: Settings) -> Callable:
    """The path of a person's bills, as a letter would carry it."""

    def path(person: Person, **extra) -> str:
        return path_of(owner_link(config, person_id=person.id, **{"at": clock.now(), **extra}))

    return path


def path_of(url: str) -> str:
    """The address without scheme and host."""
    return url.removeprefix("http://testserver")


def words(answer) -> str:
    """What a person reads on a page: no tags, blanks made one."""
    body = re.sub(r"<(title|script|style)\b.*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL statements sent meanwhile."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
