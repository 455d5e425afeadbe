"""The contacts of WeCom as they were read: departments, tags, members. Plain values, no personal data."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Department:
    """A department; `parent` 0 is the company itself."""

    id: int
    parent: int
    name: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with who carries it: members themselves, and departments with all below them."""

    id: int
    name: str
    userids: frozenset[str] = frozenset()
    departments: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """A member; one who is disabled there or has left does not work here."""

    userid: str
    name: str
    position: str
    departments: frozenset[int]
    works: bool = True


@dataclass(frozen=True, slots=True)
class Roster:
    """What was read. `whole`: everybody there is, so who is missing has left.

    Otherwise only `members` were asked for, and `gone` are the userids WeCom no longer knows.
    `departments` and `tags` are always all of them, though tags nobody mapped may be without
    their members.
    """

    departments: Mapping[int, Department]
    tags: Mapping[int, Tag]
    members: Mapping[str, Member]
    whole: bool = True
    gone: frozenset[str] = field(default_factory=frozenset)

    def above(self, department: int) -> list[int]:
        """The department and those it lies in, from the inside out; a circle is walked once."""
        found: list[int] = []
        while department in self.departments and department not in found:
            found.append(department)
            department = self.departments[department].parent
        return found

    def tags_of(self, member: Member) -> list[Tag]:
        """Tags carried by the member or by a department around him."""
        around = {one for home in member.departments for one in self.above(home)}
        userid = member.userid.lower()
        return [
            tag
            for tag in self.tags.values()
            if userid in {one.lower() for one in tag.userids} or tag.departments & around
        ]
