"""Finding or making the people of a sheet: by ID number, else by name and phone together."""

from datetime import date, datetime

from domain.bulk import Ids, texts
from domain.imports.owners.state import Known, KnownPerson
from domain.imports.rows import OwnerCell
from domain.imports.writes import Write
from domain.people.masking import mask_id_number, mask_phone
from domain.people.model import PersonKind
from domain.vault import Vault

CONSENT_PURPOSE = "核验身份"
CONSENT_TEXT = "owner-import-1"


class NameDiffers(Exception):
    """An ID number stands in our books under another name: a person has to look."""


class Persons:
    """People of one community while one sheet is planned."""

    def __init__(
        self, known: Known, vault: Vault, community_id: int, ids: dict[str, Ids], *, by: str, at: datetime
    ) -> None:
        self._known, self._vault, self._community = known, vault, community_id
        self._ids, self._by, self._at = ids, by, at.replace(microsecond=0)

    def find(self, owner: OwnerCell) -> KnownPerson | None:
        """The person meant, if we know him. NameDiffers where the ID number is somebody else's."""
        for blind in self._vault.blinds(owner.id_number) if owner.id_number else ():
            person = self._known.by_id_number.get(blind)
            if person is not None:
                if person.name != owner.name:
                    raise NameDiffers
                return person
        for blind in self._vault.blinds(owner.phone) if owner.phone else ():
            person = self._known.by_name_and_phone.get((owner.name, blind))
            if person is not None and not self._other_id(person, owner):
                return person
        return None

    def make(self, owner: OwnerCell) -> tuple[KnownPerson, list[Write]]:
        """A new person, with the consent that lets us keep an ID number."""
        person = KnownPerson(self._ids["person"].next(), owner.name, None, None)
        values = {"community_id": self._community, "name": owner.name, "kind": _kind(owner)}
        if owner.phone:
            person.phone_blind = self._vault.blind(owner.phone)
            values |= self._phone(owner.phone)
        consent: list[Write] = []
        if owner.id_number:
            person.id_number_blind = self._vault.blind(owner.id_number)
            values |= self._id_number(owner.id_number)
            consent = [self._consent(person.id)]
        self._known.add_person(person)
        return person, [Write("person", person.id, None, texts("person", values)), *consent]

    def update(self, person: KnownPerson, owner: OwnerCell) -> list[Write]:
        """What the sheet says newly of a known person: another phone, a first ID number."""
        values: dict[str, object] = {}
        before: dict[str, str | None] = {}
        consent: list[Write] = []
        if owner.phone and person.phone_blind not in self._vault.blinds(owner.phone):
            values |= self._phone(owner.phone)
            person.phone_blind = self._vault.blind(owner.phone)
        if owner.id_number and person.id_number_blind is None:
            values |= self._id_number(owner.id_number)
            person.id_number_blind = self._vault.blind(owner.id_number)
            consent = [self._consent(person.id)]
        if not values:
            return []
        self._known.add_person(person)
        before = dict.fromkeys(values)  # filled from the row itself when it is written
        return [Write("person", person.id, before, texts("person", values)), *consent]

    def _other_id(self, person: KnownPerson, owner: OwnerCell) -> bool:
        """Same name and phone, but two ID numbers: two people."""
        return bool(owner.id_number and person.id_number_blind)

    def _phone(self, phone: str) -> dict[str, object]:
        return {
            "phone_sealed": self._vault.seal(phone),
            "phone_blind": self._vault.blind(phone),
            "phone_masked": mask_phone(phone),
        }

    def _id_number(self, number: str) -> dict[str, object]:
        return {
            "id_number_sealed": self._vault.seal(number),
            "id_number_blind": self._vault.blind(number),
            "id_number_masked": mask_id_number(number),
            "birth_on": _birth(number),
        }

    def _consent(self, person_id: int) -> Write:
        values = {
            "person_id": person_id, "purpose": CONSENT_PURPOSE, "text_version": CONSENT_TEXT,
            "given_at": self._at, "given_by": self._by,
        }  # fmt: skip
        return Write("consent", self._ids["consent"].next(), None, texts("consent", values))


def _kind(owner: OwnerCell) -> PersonKind:
    return PersonKind.COMPANY if owner.is_company else PersonKind.NATURAL


def _birth(number: str) -> date | None:
    """The birthday in an 18-digit ID number; other numbers have none."""
    if len(number) != 18 or not number[6:14].isdigit() or number.startswith("9"):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
