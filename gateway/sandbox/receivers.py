"""Who an app message is for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.sandbox.company.records import in_department, with_tag
from gateway.sandbox.replies import WeComError, text_field
from gateway.sandbox.store import Store, marks

MOST_MEMBERS, MOST_GROUPS = 1000, 100
LONGEST_ID = 18
"""Digits of a department's or a tag's number."""
EVERYBODY = "@all"


@dataclass
class Receivers:
    """Members who get it, and the names of those who do not."""

    valid: list[str]
    invalid_users: list[str] = field(default_factory=list)
    invalid_parties: list[str] = field(default_factory=list)
    invalid_tags: list[str] = field(default_factory=list)

    def fields(self) -> dict[str, str | None]:
        """The lists of the reply; WeCom leaves an empty one out."""
        return {
            "invaliduser": "|".join(self.invalid_users) or None,
            "invalidparty": "|".join(self.invalid_parties) or None,
            "invalidtag": "|".join(self.invalid_tags) or None,
        }


def receivers(store: Store, body: dict[str, Any], struck_out: frozenset[str]) -> Receivers:
    """Sort the named receivers; a department stands for all below it, a tag for all who carry it.

    Raises:
        WeComError: 82001 nobody named, 40032, 82002 or 82003 too many of a kind, 81013 nobody of
            them exists.
    """
    users, parties, tags = (names(body, key) for key in ("touser", "toparty", "totag"))
    if not (users or parties or tags):
        raise WeComError(82001)
    if users == [EVERYBODY]:
        return Receivers([name for name in active(store) if name.lower() not in struck_out])
    for named, most, errcode in (
        (users, MOST_MEMBERS, 40032), (parties, MOST_GROUPS, 82002), (tags, MOST_GROUPS, 82003),
    ):  # fmt: skip
        if len(named) > most:
            raise WeComError(errcode)
    known = {name.lower(): name for name in active(store, users)}
    invalid = [low for low in lowered(users) if low not in known or low in struck_out]
    by_party, no_parties = resolved(parties, lambda number: in_department(store, number))
    by_tag, no_tags = resolved(tags, lambda number: with_tag(store, number))
    named = [known[low] for low in lowered(users) if low in known]
    reached = active(store, [*named, *by_party, *by_tag])
    valid = dict.fromkeys(who for who in (*named, *reached) if who.lower() not in struck_out)
    if not valid:
        raise WeComError(81013)
    return Receivers(list(valid), invalid, no_parties, no_tags)


def resolved(
    ids: list[str], members: Callable[[int], list[str] | None]
) -> tuple[list[str], list[str]]:
    """The members behind departments or tags, and the ids that mean nothing."""
    known = {each: each.isdecimal() and len(each) <= LONGEST_ID for each in ids}
    found = {each: members(int(each)) if known[each] else None for each in ids}
    people = [who for group in found.values() for who in group or ()]
    return people, [each for each, group in found.items() if group is None]


def names(body: dict[str, Any], key: str) -> list[str]:
    """The ids of a field like `a|b`."""
    return [name.strip() for name in text_field(body, key).split("|") if name.strip()]


def lowered(users: list[str]) -> list[str]:
    """In lower case, each once."""
    return list(dict.fromkeys(name.lower() for name in users))


def active(store: Store, users: list[str] | None = None) -> list[str]:
    """Members who have not left; all, or those of `users`."""
    if users is None:
        rows = store.all("SELECT userid FROM staff WHERE active")
    else:
        rows = store.all(
            f"SELECT userid FROM staff WHERE active AND userid IN ({marks(users)})", *users
        )
    return [row["userid"] for row in rows]
