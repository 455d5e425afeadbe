"""The list of phones: who they belong to, what is unread, what waits to be pressed."""

from dataclasses import dataclass
from typing import Any

from gateway.sandbox.store import Row, Store

STAFF = """
SELECT s.userid AS id, s.name, s.position, s.active, s.status,
  (SELECT count(*) FROM inbox i WHERE i.userid = s.userid AND i.state = 'dropped') AS dropped,
  (SELECT count(*) FROM inbox i WHERE i.userid = s.userid AND i.state <> 'dropped'
     AND i.id > coalesce((SELECT last_id FROM seen WHERE phone = s.userid), 0)) AS unread,
  (SELECT count(*) FROM task t WHERE t.userid = s.userid AND t.state = 'pending') AS to_press,
  (SELECT count(*) FROM follow f WHERE f.userid = s.userid AND f.state = 'friend') AS friends
FROM staff s ORDER BY s.status = 0, to_press DESC, unread DESC, s.userid
"""

CUSTOMERS = """
SELECT c.external_userid AS id, c.name, count(h.id) AS messages, max(h.id) AS last_id,
  max(h.at) AS last_at, count(h.id) FILTER (WHERE h.id > coalesce(n.last_id, 0)) AS unread,
  (SELECT group_concat(DISTINCT s.name) FROM follow f JOIN staff s ON s.userid = f.userid
     WHERE f.external_userid = c.external_userid AND f.state = 'friend') AS followers,
  (SELECT f.remark FROM follow f WHERE f.external_userid = c.external_userid LIMIT 1) AS remark
FROM customer c
LEFT JOIN chat h ON h.external_userid = c.external_userid
LEFT JOIN seen n ON n.phone = c.external_userid
WHERE :q = '' OR c.name LIKE :like OR c.external_userid LIKE :like OR EXISTS
  (SELECT 1 FROM follow f WHERE f.external_userid = c.external_userid AND f.remark LIKE :like)
GROUP BY c.external_userid
ORDER BY last_id DESC, c.name, c.external_userid LIMIT :limit
"""


@dataclass(frozen=True)
class Found:
    """Customers that fit a search, the first so many of how many."""

    rows: list[Row]
    total: int


def staff(store: Store) -> list[Row]:
    """Every member: those with something to do come first."""
    return store.all(STAFF)


def customers(store: Store, *, q: str = "", limit: int = 1_000_000) -> Found:
    """Customers by name, id or remark; those who heard something last come first."""
    like = "%" + q.replace("%", "").replace("_", "") + "%"
    rows = store.db.execute(CUSTOMERS, {"q": q, "like": like, "limit": limit}).fetchall()
    return Found(rows, len(rows) if len(rows) < limit else count_customers(store, q, like))


def count_customers(store: Store, q: str, like: str) -> int:
    """How many fit the search."""
    total: int = store.value(
        "SELECT count(*) FROM customer c WHERE ?1 = '' OR c.name LIKE ?2"
        " OR c.external_userid LIKE ?2 OR EXISTS (SELECT 1 FROM follow f"
        " WHERE f.external_userid = c.external_userid AND f.remark LIKE ?2)",
        q, like,
    )  # fmt: skip
    return total


def friends(store: Store, userid: str) -> list[Row]:
    """The customers of one member, those who left him last."""
    return store.all(
        "SELECT c.external_userid AS id, c.name, f.remark, f.state FROM follow f"
        " JOIN customer c ON c.external_userid = f.external_userid"
        " WHERE f.userid = ? AND f.state <> 'removed' ORDER BY f.state, f.remark, c.name",
        userid,
    )


def followers(store: Store, who: str) -> list[Row]:
    """The members one customer has or had as a contact."""
    return store.all(
        "SELECT s.userid AS id, s.name, s.position, f.state FROM follow f"
        " JOIN staff s ON s.userid = f.userid WHERE f.external_userid = ? ORDER BY f.since",
        who,
    )


def waiting_customers(store: Store, userid: str) -> int:
    """How many customers the member's open tasks would reach."""
    count: int = store.value(
        "SELECT count(DISTINCT g.external_userid) FROM task t JOIN target g ON g.task = t.id"
        " WHERE t.userid = ? AND t.state = 'pending'",
        userid,
    )
    return count


def listed(store: Store) -> dict[str, list[dict[str, Any]]]:
    """As GET /_sandbox/phones answers."""
    return {
        "staff": [picked(row, "id", "name", "unread", "to_press") for row in staff(store)],
        "customers": [picked(row, "id", "name", "unread") for row in customers(store).rows],
    }


def picked(row: Row, *keys: str) -> dict[str, Any]:
    """Some columns of a row."""
    return {key: row[key] for key in keys}


def mark_seen(store: Store, phone_id: str, last_id: int) -> None:
    """The person has looked: up to this message nothing is unread."""
    if last_id != store.value("SELECT last_id FROM seen WHERE phone = ?", phone_id):
        store.run("INSERT OR REPLACE INTO seen VALUES (?, ?)", phone_id, last_id)
