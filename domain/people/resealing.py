"""One person's sealed values under the current key, wherever they stand: his row, import records."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.people.model import Person
from domain.vault import Vault

FIELDS = ("phone", "id_number")
COLUMNS = tuple(f"{field}_{part}" for field in FIELDS for part in ("sealed", "blind"))
NOTHING = "\\x"
"""Stands for an index value whose number nobody knows any more: it equals no stored one."""


class Reseal:
    """Old value -> new value, both as PostgreSQL prints bytes.

    A value gets one new form however often it stands, so that a record of an import still equals
    the row it made: undoing compares them.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault, self._new = vault, {NOTHING: NOTHING}

    def learn(self, values: Mapping[str, Any] | None) -> None:
        """Open what is sealed in `values`; DataKeysInvalid where its key is missing."""
        for field in FIELDS:
            sealed = (values or {}).get(f"{field}_sealed")
            if sealed is not None and sealed not in self._new:
                self._learn(sealed, (values or {}).get(f"{field}_blind"))

    def told(self, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """`values` with every sealed and blind one in its new form."""
        if values is None:
            return None
        return {
            name: self._new.get(value, NOTHING) if name in COLUMNS and value else value
            for name, value in values.items()
        }

    def _learn(self, sealed: str, blind: str | None) -> None:
        stored = bytes.fromhex(sealed[2:])
        plain = self._vault.open(stored)
        current = self._vault.is_current(stored)
        self._new[sealed] = sealed if current else printed(self._vault.seal(plain))
        if blind is not None:
            self._new[blind] = printed(self._vault.blind(plain))


def standing(person: Person) -> dict[str, Any]:
    """The sealed and blind values of a row, as records of imports write them."""
    return {
        name: printed(value) for name in COLUMNS if (value := getattr(person, name)) is not None
    }


def set_on(person: Person, reseal: Reseal) -> bool:
    """Write the new forms into the row; whether anything was not current."""
    old = standing(person)
    new = reseal.told(old) or {}
    for name, value in new.items():
        if value != old[name]:
            setattr(person, name, bytes.fromhex(value[2:]))
    return new != old


def rewritten(writes: Sequence[Any], known: Mapping[int, Reseal]) -> list[Any]:
    """The writes of one import record with the persons among `known` in their new forms."""
    return [
        {
            **write,
            "before": known[write["id"]].told(write["before"]),
            "after": known[write["id"]].told(write["after"]),
        }
        if _of_person(write) and write["id"] in known
        else write
        for write in writes
    ]


def persons_in(writes: Sequence[Any]) -> list[tuple[int, Mapping[str, Any] | None]]:
    """(person id, values) for every before and after of a person in one import record."""
    return [
        (write["id"], write[side])
        for write in writes
        if _of_person(write)
        for side in ("before", "after")
    ]


def printed(value: bytes) -> str:
    """Bytes as PostgreSQL prints them."""
    return f"\\x{bytes(value).hex()}"


def _of_person(write: Mapping[str, Any]) -> bool:
    return bool(write["table"] == Person.__tablename__)
