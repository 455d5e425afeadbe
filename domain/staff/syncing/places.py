"""Departments and tags as WeCom has them now, and what each of them means here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.staff.model import WecomDepartment, WecomTag
from domain.staff.roster import Roster
from domain.staff.syncing.errors import MappingsGone

WHOLE = None
"""A scope that is no community but all of them."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Tag -> role, department -> community or WHOLE; what is not mapped is missing.

    `rows`: our row of each department.
    """

    roles: Mapping[int, int]
    scopes: Mapping[int, int | None]
    rows: Mapping[int, int]

    def scope_of(self, roster: Roster, department: int) -> frozenset[int | None]:
        """Where a department's roles hold: as the nearest around it says; nowhere if none does."""
        for one in roster.above(department):
            if one in self.scopes:
                return frozenset({self.scopes[one]})
        return frozenset()


def check(session: Session, roster: Roster, *, force: bool) -> None:
    """MappingsGone when more than a third of what people mapped is missing: half an answer."""
    now = meaning(session)
    for mapped, there in ((now.roles, roster.tags), (now.scopes, roster.departments)):
        gone = mapped.keys() - there.keys()
        if len(gone) * 3 > len(mapped) and not force:
            raise MappingsGone(
                "企业微信里少了多个已对应岗位的标签或已对应小区的部门，没有改动任何员工；"
                "确实删除了的话，请先在「企业微信对应」里取消它们的对应，再同步一次",
                gone=len(gone), mapped=len(mapped),
            )  # fmt: skip


def write(session: Session, roster: Roster, *, at: datetime) -> Meaning:
    """Note names and parents, what is new and what is gone; the meanings people gave stay."""
    if roster.departments:
        rows = insert(WecomDepartment).values(
            [
                {"wecom_id": one.id, "parent_wecom_id": one.parent, "name": one.name}
                for one in roster.departments.values()
            ]
        )
        session.execute(
            rows.on_conflict_do_update(
                index_elements=[WecomDepartment.wecom_id],
                set_={
                    "name": func.coalesce(func.nullif(rows.excluded.name, ""), WecomDepartment.name),
                    "parent_wecom_id": rows.excluded.parent_wecom_id, "gone_at": None,
                },
            )
        )  # fmt: skip
    if roster.tags:
        tags = insert(WecomTag).values(
            [{"wecom_id": one.id, "name": one.name} for one in roster.tags.values()]
        )
        session.execute(
            tags.on_conflict_do_update(
                index_elements=[WecomTag.wecom_id],
                set_={
                    "name": func.coalesce(func.nullif(tags.excluded.name, ""), WecomTag.name),
                    "gone_at": None,
                },
            )
        )
    for table, there in ((WecomDepartment, roster.departments), (WecomTag, roster.tags)):
        session.execute(
            update(table)
            .where(table.wecom_id.not_in(there), table.gone_at.is_(None))
            .values(gone_at=at)
        )
    return meaning(session)


def meaning(session: Session) -> Meaning:
    """As people have mapped them; what is gone means nothing."""
    roles = session.execute(
        select(WecomTag.wecom_id, WecomTag.role_id).where(
            WecomTag.role_id.is_not(None), WecomTag.gone_at.is_(None)
        )
    )
    here = session.execute(
        select(
            WecomDepartment.wecom_id, WecomDepartment.id, WecomDepartment.community_id,
            WecomDepartment.whole_company,
        ).where(WecomDepartment.gone_at.is_(None))
    ).all()  # fmt: skip
    return Meaning(
        {row.wecom_id: row.role_id for row in roles},
        {
            row.wecom_id: WHOLE if row.whole_company else row.community_id
            for row in here
            if row.whole_company or row.community_id is not None
        },
        {row.wecom_id: row.id for row in here},
    )


def mapped_tags(session: Session) -> frozenset[int]:
    """The tags that give a role."""
    return frozenset(meaning(session).roles)
