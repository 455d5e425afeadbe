"""What people do on their phones: press send, ignore, delete a friend, come back."""

from collections import Counter
from dataclasses import dataclass, field

from gateway.sandbox.box import Box
from gateway.sandbox.people import customer, member
from gateway.sandbox.refusals import Refused, Unknown
from gateway.sandbox.store import Row, Store, marks

SENT, NOT_FRIEND, LIMITED = 1, 2, 3
CHUNK = 500


@dataclass
class Quota:
    """How many mass messages customers have had today and this month."""

    per_day: int
    per_month: int
    today: Counter[str] = field(default_factory=Counter)
    month: Counter[str] = field(default_factory=Counter)

    def take(self, who: str) -> bool:
        """May he get one more? If so, count it."""
        if self.today[who] >= self.per_day or self.month[who] >= self.per_month:
            return False
        self.today[who] += 1
        self.month[who] += 1
        return True


def press(box: Box, userid: str, *, msgid: str | None = None) -> dict[str, int]:
    """The member sends one task, or (no msgid) all that are pending, oldest first.

    Raises:
        Unknown: no such member or task.
        Refused: the task was sent or cancelled before.
    """
    with box.store.writing():
        tasks = tasks_to_press(box.store, userid, msgid)
        outcome = send_tasks(box, tasks)
    return {
        "tasks": len(tasks),
        "sent": outcome[SENT],
        "not_friend": outcome[NOT_FRIEND],
        "limited": outcome[LIMITED],
    }


def tasks_to_press(store: Store, userid: str, msgid: str | None) -> list[int]:
    """Ids of the member's tasks that are to be sent now."""
    need_member(store, userid)
    if msgid is not None:
        return [one_task(store, userid, msgid)["id"]]
    rows = store.all(
        "SELECT id FROM task WHERE userid = ? AND state = 'pending' ORDER BY id", userid
    )
    return [row["id"] for row in rows]


def one_task(store: Store, userid: str, msgid: str) -> Row:
    """The member's task of this mass message, still open (an ignored one can be taken up)."""
    task = store.one("SELECT * FROM task WHERE userid = ? AND msgid = ?", userid, msgid)
    if task is None:
        raise Unknown("没有找到这条群发任务")
    if task["state"] == "sent":
        raise Refused("这条群发任务已经发送过了")
    if task["state"] == "cancelled":
        raise Refused("这条群发任务已被管理员取消")
    return task


def send_tasks(box: Box, tasks: list[int]) -> Counter[int]:
    """Send every task; how many customers ended with which status."""
    quota = quota_now(box)
    outcome: Counter[int] = Counter()
    for start in range(0, len(tasks), CHUNK):
        targets = targets_of(box.store, tasks[start : start + CHUNK])
        results = [(status_of(row, quota), row) for row in targets]
        write_results(box, results)
        outcome.update(status for status, _ in results)
    now = box.clock.now()
    box.store.run_many(
        "UPDATE task SET state = 'sent', sent_at = ? WHERE id = ?", [(now, task) for task in tasks]
    )
    return outcome


def targets_of(store: Store, tasks: list[int]) -> list[Row]:
    """The customers of these tasks, with the state of the friendship."""
    return store.all(
        "SELECT g.id, g.external_userid, t.userid, t.msgid, f.state AS friendship"
        " FROM task t JOIN target g ON g.task = t.id LEFT JOIN follow f"
        " ON f.external_userid = g.external_userid AND f.userid = t.userid"
        f" WHERE t.id IN ({marks(tasks)}) ORDER BY t.id, g.id",
        *tasks,
    )


def status_of(target: Row, quota: Quota) -> int:
    """What happens to this customer's copy."""
    if target["friendship"] != "friend":
        return NOT_FRIEND
    return SENT if quota.take(target["external_userid"]) else LIMITED


def quota_now(box: Box) -> Quota:
    """Counted from what was sent since the 1st, on the virtual clock."""
    rows = box.store.all(
        "SELECT external_userid, count(*) AS month, sum(sent_at >= ?) AS today FROM target"
        " WHERE status = ? AND sent_at >= ? GROUP BY external_userid",
        box.clock.day_start(), SENT, box.clock.month_start(),
    )  # fmt: skip
    limits = box.limits.values
    return Quota(
        limits.mass_per_day,
        limits.mass_per_month,
        Counter({row["external_userid"]: row["today"] for row in rows}),
        Counter({row["external_userid"]: row["month"] for row in rows}),
    )


def write_results(box: Box, results: list[tuple[int, Row]]) -> None:
    """Stamp each target; what was sent appears in the customer's chat."""
    now = box.clock.now()
    box.store.run_many(
        "UPDATE target SET status = ?, sent_at = ? WHERE id = ?",
        [(status, now if status == SENT else None, row["id"]) for status, row in results],
    )
    box.store.run_many(
        "INSERT INTO chat (external_userid, userid, msgid, at) VALUES (?, ?, ?, ?)",
        [
            (row["external_userid"], row["userid"], row["msgid"], now)
            for status, row in results
            if status == SENT
        ],
    )


def ignore(box: Box, userid: str, *, msgid: str | None = None) -> int:
    """The member looks away: one task, or all that are pending. How many."""
    with box.store.writing():
        tasks = tasks_to_press(box.store, userid, msgid)
        box.store.run_many("UPDATE task SET state = 'ignored' WHERE id = ?", [(t,) for t in tasks])
    return len(tasks)


def unfriend(box: Box, who: str, *, userid: str | None, by_staff: bool) -> list[str]:
    """The customer deletes the member (each of his members, if none is named), or is deleted."""
    return end_or_renew(box, who, userid, "removed" if by_staff else "left")


def refriend(box: Box, who: str, *, userid: str | None) -> list[str]:
    """They are friends again."""
    return end_or_renew(box, who, userid, "friend")


def end_or_renew(box: Box, who: str, userid: str | None, state: str) -> list[str]:
    """Change the state of friendships that differ, and say so in the chat; with which members."""
    if customer(box.store, who) is None:
        raise Unknown("没有找到这位客户")
    if userid is not None:
        need_member(box.store, userid)
    with box.store.writing():
        rows = box.store.all(
            "SELECT f.userid, s.name FROM follow f JOIN staff s ON s.userid = f.userid"
            " WHERE f.external_userid = ? AND f.state <> ? AND (? IS NULL OR f.userid = ?)",
            who, state, userid, userid,
        )  # fmt: skip
        for row in rows:
            change_friendship(box, who, row, state)
    return [row["userid"] for row in rows]


def change_friendship(box: Box, who: str, follower: Row, state: str) -> None:
    """One friendship and its grey line."""
    now, name = box.clock.now(), follower["name"]
    words = {
        "friend": f"你已添加了{name}，现在可以开始聊天了。",
        "left": f"你已将{name}从联系人中删除，群发消息将无法送达。",
        "removed": f"{name}已将你从客户中移除。",
    }
    box.store.run(
        "UPDATE follow SET state = ? WHERE external_userid = ? AND userid = ?",
        state, who, follower["userid"],
    )  # fmt: skip
    box.store.run(
        "INSERT INTO chat (external_userid, userid, notice, at) VALUES (?, ?, ?, ?)",
        who, follower["userid"], words[state], now,
    )  # fmt: skip


def need_member(store: Store, userid: str) -> None:
    """Raises Unknown unless there is such a member."""
    if member(store, userid) is None:
        raise Unknown("没有找到这名员工")
