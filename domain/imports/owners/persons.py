"""Finding or making the people of a sheet: by ID number, else by name and phone together."""

from collections.abc import Mapping
from datetime import date, datetime

from domain.bulk import IdSource
from domain.imports.owners.state import Known, KnownPerson
from domain.imports.rows import OwnerCell
from domain.imports.writes import Write, change, conflict, insert
from domain.people.masking import mask_id_number, mask_phone
from domain.people.model import PersonKind
from domain.vault import Vault

CONSENT_PURPOSE = "核验身份"
CONSENT_TEXT = "owner-import-1"


class Persons:
    """People of one community while one sheet is planned.

    `resolve` and `check` may stop a row and change nothing; `make` and `update` never stop it.
    """

    def __init__(
        self,
        known: Known,
        vault: Vault,
        community_id: int,
        ids: Mapping[str, IdSource],
        *,
        by: str,
        at: datetime,
    ) -> None:
        self._known, self._vault, self._community = known, vault, community_id
        self._ids, self._by = ids, by
        self._at = at.replace(microsecond=0).isoformat()
        self._row_blinds: dict[str, list[bytes]] = {}

    def start_row(self) -> None:
        """Another row: forget the numbers of the one before."""
        self._row_blinds.clear()

    def resolve(self, owner: OwnerCell) -> KnownPerson | None:
        """The person meant, if we know him."""
        holder = self._holder(owner)
        if holder is not None:
            return holder
        for blind in self._blinds(owner.phone) if owner.phone else ():
            person = self._known.by_name_and_phone.get((owner.name, blind))
            # Same name and phone, but two ID numbers: two people.
            if person is not None and not (owner.id_number and person.id_number_blind):
                return person
        return None

    def check(self, person: KnownPerson, owner: OwnerCell) -> None:
        """Whether what the sheet says of a stored owner fits him."""
        if not owner.id_number:
            return
        holder = self._holder(owner)
        if holder is None and person.id_number_blind is not None:
            raise conflict("id_number", "id_number_conflict", "身份证号和已登记的不同，请核对")
        if holder not in (None, person):
            raise conflict(
                "id_number", "id_number_conflict", "这个身份证号已登记在另一位同名的人名下，请核对"
            )

    def make(self, owner: OwnerCell, row: int) -> tuple[KnownPerson, list[Write]]:
        """A new person, with the consent that lets us keep an ID number."""
        person = KnownPerson(self._ids["person"].next(), owner.name)
        kind = PersonKind.COMPANY if owner.is_company else PersonKind.NATURAL
        values: dict[str, object] = {
            "community_id": self._community, "name": owner.name, "kind": kind,
        }  # fmt: skip
        if owner.phone:
            values |= self._phone(person, owner.phone, row)
        if owner.id_number:
            values |= self._id_number(person, owner.id_number)
        self._known.add_person(person)
        return person, [insert("person", person.id, **values), *self._consent(person, owner)]

    def make_relative(self, name: str) -> tuple[KnownPerson, list[Write]]:
        """A family member, of whom a sheet says no more than the name."""
        person = KnownPerson(self._ids["person"].next(), name)
        return person, [insert("person", person.id, community_id=self._community, name=name)]

    def update(
        self, person: KnownPerson, owner: OwnerCell, row: int
    ) -> tuple[list[Write], list[str]]:
        """What the sheet says newly of a known person: another phone, a first ID number; and notes.

        Where a sheet gives one person several phones, the first row that names one is heard.
        """
        before = {"phone_blind": person.phone_blind, "id_number_blind": person.id_number_blind}
        after: dict[str, object] = {}
        notes: list[str] = []
        if owner.phone and person.phone_blind not in self._blinds(owner.phone):
            if person.phone_row in (None, row):
                after |= self._phone(person, owner.phone, row)
            else:
                notes = [f"电话和第 {person.phone_row} 行不同，以第 {person.phone_row} 行为准"]
        elif owner.phone and person.phone_row is None:
            person.phone_row = row
        consent: list[Write] = []
        if owner.id_number and person.id_number_blind is None:
            after |= self._id_number(person, owner.id_number)
            consent = self._consent(person, owner)
        if not after:
            return [], notes
        self._known.add_person(person)
        return [change("person", person.id, before, after), *consent], notes

    def _holder(self, owner: OwnerCell) -> KnownPerson | None:
        """Who has the ID number; a conflict where it stands under another name."""
        for blind in self._blinds(owner.id_number) if owner.id_number else ():
            person = self._known.by_id_number.get(blind)
            if person is not None:
                if person.name != owner.name:
                    raise conflict(
                        "id_number", "id_number_conflict",
                        "这个身份证号已登记在另一个姓名下，请核对",
                    )  # fmt: skip
                return person
        return None

    def _blinds(self, number: str) -> list[bytes]:
        """Under every key, the current one first."""
        found = self._row_blinds.get(number)
        if found is None:
            found = self._row_blinds[number] = self._vault.blinds(number)
        return found

    def _phone(self, person: KnownPerson, phone: str, row: int) -> dict[str, object]:
        person.phone_blind, person.phone_row = self._blinds(phone)[0], row
        return {
            "phone_sealed": self._vault.seal(phone),
            "phone_blind": person.phone_blind,
            "phone_masked": mask_phone(phone),
        }

    def _id_number(self, person: KnownPerson, number: str) -> dict[str, object]:
        person.id_number_blind = self._blinds(number)[0]
        return {
            "id_number_sealed": self._vault.seal(number),
            "id_number_blind": person.id_number_blind,
            "id_number_masked": mask_id_number(number),
            "birth_on": _birth(number),
        }

    def _consent(self, person: KnownPerson, owner: OwnerCell) -> list[Write]:
        """A person's ID number needs one; a company's credit code is public."""
        if not owner.id_number or owner.is_company:
            return []
        consent_id = self._ids["consent"].next()
        return [
            insert(
                "consent", consent_id, person_id=person.id, purpose=CONSENT_PURPOSE,
                text_version=CONSENT_TEXT, given_at=self._at, given_by=self._by,
            )
        ]  # fmt: skip


def _birth(number: str) -> date | None:
    """The birthday in an 18-digit ID number; other numbers have none."""
    if len(number) != 18 or not number[6:14].isdigit() or number.startswith("9"):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
