"""Who exists: the company, its apps and secrets, the members and their customers."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.sandbox.store import Row, Store

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.@-]+$")]


class Strict(BaseModel):
    """A misspelt key is an error, not a shrug."""

    model_config = ConfigDict(extra="forbid")


class SeedApp(Strict):
    """An app of the company. `customer_contact` None: while there is no contact secret."""

    agent_id: int = Field(ge=1)
    secret: str = Field(min_length=1)
    name: str
    customer_contact: bool | None = None


class SeedMember(Strict):
    """A member of the company."""

    userid: Id
    name: str
    mobile: str = ""
    position: str = ""
    active: bool = True


class SeedCustomer(Strict):
    """A WeChat user who is a customer of some members."""

    external_userid: Id
    name: str
    followers: list[Id] = []
    remark: str = ""


class Seed(Strict):
    """The body of POST /_sandbox/seed."""

    corp_id: Id | None = None
    corp_name: str | None = None
    apps: list[SeedApp] = []
    contact_secret: str | None = None
    staff: list[SeedMember] = []
    customers: list[SeedCustomer] = []


class SeedRefused(Exception):
    """The seed contradicts itself or what is there; a Chinese sentence."""


def plant(store: Store, seed: Seed, *, now: int) -> dict[str, int]:
    """Add or update what the seed names. Totals by kind.

    Raises:
        SeedRefused: a follower who is no member, a secret used twice, an id of both kinds.
    """
    with store.writing():
        plant_company(store, seed)
        store.run_many(
            "INSERT INTO staff VALUES (?, ?, ?, ?, ?) ON CONFLICT (userid) DO UPDATE SET"
            " name = excluded.name, mobile = excluded.mobile, position = excluded.position,"
            " active = excluded.active",
            [(m.userid, m.name, m.mobile, m.position, m.active) for m in seed.staff],
        )
        plant_customers(store, seed, now=now)
        refuse_strangers(store)
        return totals(store)


def plant_company(store: Store, seed: Seed) -> None:
    """Corp id, name, secrets. A changed secret kills its tokens."""
    facts = {
        "corp_id": seed.corp_id,
        "corp_name": seed.corp_name,
        "contact_secret": seed.contact_secret,
    }
    for key, value in facts.items():
        if value is not None and value != store.recall(key):
            store.remember(key, value)
            if key == "contact_secret":
                store.run("DELETE FROM token WHERE agent_id IS NULL")
    for app in seed.apps:
        plant_app(store, app)


def plant_app(store: Store, app: SeedApp) -> None:
    """One app; its secret must be its own."""
    twin = store.value(
        "SELECT name FROM app WHERE secret = ? AND agent_id <> ?", app.secret, app.agent_id
    )
    if twin is not None or app.secret == store.recall("contact_secret"):
        raise SeedRefused(f"应用“{app.name}”的 Secret 已被占用，每个 Secret 只能用一次")
    if store.value("SELECT secret FROM app WHERE agent_id = ?", app.agent_id) != app.secret:
        store.run("DELETE FROM token WHERE agent_id = ?", app.agent_id)
    store.run(
        "INSERT OR REPLACE INTO app VALUES (?, ?, ?, ?)",
        app.agent_id, app.secret, app.name, app.customer_contact,
    )  # fmt: skip


def plant_customers(store: Store, seed: Seed, *, now: int) -> None:
    """Customers and friendships; a friendship that was broken stays broken."""
    store.run_many(
        "INSERT INTO customer VALUES (?, ?)"
        " ON CONFLICT (external_userid) DO UPDATE SET name = excluded.name",
        [(c.external_userid, c.name) for c in seed.customers],
    )
    store.run_many(
        "INSERT INTO follow VALUES (?, ?, 'friend', ?, ?)"
        " ON CONFLICT DO UPDATE SET remark = excluded.remark",
        [(c.external_userid, who, c.remark, now) for c in seed.customers for who in c.followers],
    )


def refuse_strangers(store: Store) -> None:
    """Nobody follows without being a member; nobody is member and customer at once."""
    stranger = store.value(
        "SELECT userid FROM follow WHERE userid NOT IN (SELECT userid FROM staff) LIMIT 1"
    )
    if stranger is not None:
        raise SeedRefused(f"客户的跟进人“{stranger}”不在员工名单里，请先写入这名员工")
    both = store.value(
        "SELECT external_userid FROM customer WHERE EXISTS"
        " (SELECT 1 FROM staff WHERE userid = external_userid) LIMIT 1"
    )
    if both is not None:
        raise SeedRefused(f"“{both}”同时写成了员工和客户，请换一个编号")


def totals(store: Store) -> dict[str, int]:
    """How many of each kind there are."""
    return {
        "apps": store.value("SELECT count(*) FROM app"),
        "staff": store.value("SELECT count(*) FROM staff"),
        "customers": store.value("SELECT count(*) FROM customer"),
        "friendships": store.value("SELECT count(*) FROM follow WHERE state = 'friend'"),
    }


def member(store: Store, userid: str) -> Row | None:
    """The member, whatever the case of the id."""
    return store.one("SELECT * FROM staff WHERE userid = ?", userid)


def customer(store: Store, external_userid: str) -> Row | None:
    """The customer."""
    return store.one("SELECT * FROM customer WHERE external_userid = ?", external_userid)
