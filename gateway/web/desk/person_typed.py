"""What the forms about people send, kept as typed and read as facts."""

from dataclasses import dataclass

from domain.errors import Invalid
from domain.people.editing import PersonFacts
from domain.people.living import StayFacts
from domain.people.model import OccupancyRole
from domain.people.queries import OCCUPANCY_ROLE_NAMES
from gateway.excel import identity
from gateway.excel.people import name as person_name
from gateway.excel.people import share as part_of_one
from gateway.excel.rooms import room_from_code
from gateway.web.days import day, optional_day
from gateway.web.fields import one_line

LONGEST_RELATION = 10


class PhoneInvalid(Invalid):
    """More than one phone in a field for one."""

    code = "phone_invalid"


@dataclass(frozen=True)
class PersonTyped:
    """The form of a person, as it was typed."""

    name: str = ""
    phone: str = ""
    id_number: str = ""
    birth_on: str = ""
    consent: bool = False
    drop_phone: bool = False
    drop_id_number: bool = False

    def facts(self) -> PersonFacts:
        """Read; a refusal never repeats a phone or an ID number."""
        return PersonFacts(
            name=person_name(one_line(self.name), "name", "姓名"),
            phone=_phone(self.phone),
            id_number=identity.id_number(self.id_number) if self.id_number.strip() else "",
            birth_on=optional_day(self.birth_on, "出生日期"),
            consent=self.consent,
            drop_phone=self.drop_phone,
            drop_id_number=self.drop_id_number,
        )


@dataclass(frozen=True)
class StayTyped:
    """The form of living somewhere, as it was typed."""

    room: str = ""
    role: str = OccupancyRole.OWNER.value
    relation: str = ""
    share: str = ""
    from_on: str = ""
    to_on: str = ""
    pays: bool = False

    @property
    def code(self) -> str:
        """The room's code, however its number was written."""
        return room_from_code(one_line(self.room)).code

    def facts(self) -> StayFacts:
        """Read, or a refusal that names the field."""
        if self.role not in list(OccupancyRole):
            raise Invalid(f"身份请选{'、'.join(OCCUPANCY_ROLE_NAMES.values())}")
        relation = one_line(self.relation)
        if len(relation) > LONGEST_RELATION:
            raise Invalid(f"与业主的关系最多 {LONGEST_RELATION} 个字")
        return StayFacts(
            role=OccupancyRole(self.role),
            from_on=day(self.from_on, "开始日"),
            to_on=optional_day(self.to_on, "结束日"),
            relation=relation or None,
            share=part_of_one(self.share) if self.share.strip() else None,
        )


def _phone(typed: str) -> str:
    if not typed.strip():
        return ""
    numbers = identity.phones(typed)
    if len(numbers) > 1:
        raise PhoneInvalid("一个人只登记一个电话，请留一个最常用的")
    return numbers[0]
