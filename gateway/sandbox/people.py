"""Who exists: the company, its apps and secrets, the members and their customers."""

from gateway.sandbox.callbacks import addresses
from gateway.sandbox.company.planting import (
    keep_as_seeded,
    plant_departments,
    plant_staff,
    plant_tags,
)
from gateway.sandbox.refusals import SeedRefused
from gateway.sandbox.seeds import Seed, SeedApp
from gateway.sandbox.store import Row, Store


def plant(store: Store, seed: Seed, *, now: int) -> dict[str, int]:
    """Add or update what the seed names. Totals by kind.

    Raises:
        SeedRefused: a follower who is no member, a secret used twice, an id of both kinds,
        a department or tag that names what does not exist.
    """
    with store.writing():
        plant_company(store, seed)
        plant_departments(store, seed.departments)
        plant_staff(store, seed.staff)
        keep_as_seeded(store, seed.staff)
        plant_tags(store, seed.tags)
        plant_customers(store, seed, now=now)
        refuse_strangers(store)
        return totals(store)


def plant_company(store: Store, seed: Seed) -> None:
    """Corp id, name, secrets. A changed secret kills its tokens."""
    facts = {
        "corp_id": seed.corp_id,
        "corp_name": seed.corp_name,
        "contact_secret": seed.contact_secret,
        "sync_secret": seed.sync_secret,
    }
    for key, value in facts.items():
        if value is not None and value != store.recall(key):
            store.remember(key, value)
            if key == "contact_secret":
                store.run("DELETE FROM token WHERE agent_id IS NULL")
            if key == "sync_secret":
                store.run("DELETE FROM token WHERE agent_id = 0")
    for app in seed.apps:
        plant_app(store, app)


def plant_app(store: Store, app: SeedApp) -> None:
    """One app; its secret must be its own."""
    twin = store.value(
        "SELECT name FROM app WHERE secret = ? AND agent_id <> ?", app.secret, app.agent_id
    )
    if twin is not None or app.secret in named_secrets(store):
        raise SeedRefused(f"应用“{app.name}”的 Secret 已被占用，每个 Secret 只能用一次")
    if store.value("SELECT secret FROM app WHERE agent_id = ?", app.agent_id) != app.secret:
        store.run("DELETE FROM token WHERE agent_id = ?", app.agent_id)
    store.run(
        "INSERT OR REPLACE INTO app VALUES (?, ?, ?, ?, ?)",
        app.agent_id, app.secret, app.name, app.customer_contact, app.trusted_domain,
    )  # fmt: skip
    if app.callback is not None:
        addresses.put(store, app.agent_id, app.callback)


def named_secrets(store: Store) -> tuple[str | None, str | None]:
    """The secrets that belong to no app: customer contact and the contacts' synchronisation."""
    return store.recall("contact_secret"), store.recall("sync_secret")


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
    """The member, whatever the case of the id; also one the administrator has removed."""
    return store.one("SELECT * FROM staff WHERE userid = ?", userid)


def customer(store: Store, external_userid: str) -> Row | None:
    """The customer."""
    return store.one("SELECT * FROM customer WHERE external_userid = ?", external_userid)
