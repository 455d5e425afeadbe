"""What a workbook says, row by row: the form in which imports reach the domain."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from domain.meters.model import MeterKind
from domain.people.naming import is_company
from domain.rooms.model import RoomKind


@dataclass(frozen=True, slots=True)
class OwnerCell:
    """One owner. A co-owner may have no phone of his own; `share` is a part of one, six places."""

    name: str
    phone: str | None
    id_number: str | None
    share: Decimal | None

    @property
    def is_company(self) -> bool:
        """Whether this is an organisation, by its name or its credit code."""
        return is_company(self.name) or (self.id_number or "").startswith("9")


@dataclass(frozen=True, slots=True)
class FamilyCell:
    """One family member and what he is to the owner, if it says so."""

    name: str
    relation: str | None


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """A room with its owners and family. Areas in square metres, two places; `notes` for the clerk."""

    row: int
    community: str | None
    building_code: str
    building_name: str
    entrance: str | None
    door: str
    code: str
    kind: RoomKind
    area: Decimal
    owners: tuple[OwnerCell, ...]
    family: tuple[FamilyCell, ...] = ()
    handover_on: date | None = None
    indoor_area: Decimal | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is known of rows of owners that have yet to be read.

    `community`: what those call theirs that name one, without blanks. `people`: how many they seem
    to tell of, which is about what any table will need of new rows.
    """

    community: str | None
    people: int


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A dial read; the meter is named by its serial, or by kind where a room has just one."""

    row: int
    community: str | None
    code: str
    meter: MeterKind | None
    serial: str | None
    reading: Decimal
    read_on: date
    estimated: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A room's charge: a quantity or an amount of fen (or neither: once, at the tariff).

    `item` is the name as typed; `ends_on` the last day as typed, inclusive.
    """

    row: int
    community: str | None
    code: str
    item: str
    quantity: Decimal | None
    amount_fen: int | None
    starts_on: date
    ends_on: date | None
    note: str | None

    @property
    def to_on(self) -> date | None:
        """The first day after it; None = until further notice."""
        return self.ends_on + timedelta(1) if self.ends_on else None
