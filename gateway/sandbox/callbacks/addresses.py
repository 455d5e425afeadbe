"""Where each app wants to hear of events, and with which token and key."""

from dataclasses import dataclass

from gateway.sandbox.refusals import Unknown
from gateway.sandbox.seeds import SeedCallback
from gateway.sandbox.store import Row, Store


class NewAddress(SeedCallback):
    """The body of POST /_sandbox/callback; `agent_id` may be left out while there is one app."""

    agent_id: int | None = None


@dataclass(frozen=True)
class Address:
    """An app's callback as it is set up."""

    agent_id: int
    url: str
    token: str
    aes_key: str
    timeout_seconds: float
    report_enter: bool
    full_contacts: bool

    @classmethod
    def of(cls, row: Row) -> "Address":
        """From its row."""
        flags = {key: bool(row[key]) for key in ("report_enter", "full_contacts")}
        return cls(**{**dict(row), **flags})

    def shown(self) -> dict[str, object]:
        """Without the secrets."""
        secret = ("token", "aes_key")
        return {key: value for key, value in vars(self).items() if key not in secret}


def put(store: Store, agent_id: int, wanted: SeedCallback) -> None:
    """Set up or change an app's callback."""
    store.run(
        "INSERT OR REPLACE INTO callback VALUES (?, ?, ?, ?, ?, ?, ?)",
        agent_id, wanted.url, wanted.token, wanted.aes_key, wanted.timeout_seconds,
        wanted.report_enter, wanted.full_contacts,
    )  # fmt: skip


def addresses(store: Store) -> list[Address]:
    """Of every app that has one."""
    return [Address.of(row) for row in store.all("SELECT * FROM callback ORDER BY agent_id")]


def address(store: Store, agent_id: int | None) -> Address | None:
    """Of this app."""
    row = store.one("SELECT * FROM callback WHERE agent_id = ?", agent_id)
    return None if row is None else Address.of(row)


def needed(store: Store, agent_id: int | None) -> Address:
    """Of this app, or of the only one. Raises Unknown."""
    known = addresses(store)
    if agent_id is None and len(known) == 1:
        return known[0]
    found = address(store, agent_id)
    if found is None:
        raise Unknown("这个应用还没有设置回调地址")
    return found


def only_app(store: Store, agent_id: int | None) -> int:
    """The app meant: the one named, or the only one there is. Raises Unknown."""
    apps = [row["agent_id"] for row in store.all("SELECT agent_id FROM app")]
    if agent_id is None and len(apps) == 1:
        return int(apps[0])
    if agent_id not in apps:
        raise Unknown("没有找到这个应用，请写明 agent_id")
    assert agent_id is not None
    return agent_id
