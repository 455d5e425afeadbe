"""How much of a personal field somebody sees, as part of a query: lists, exports and search."""

from dataclasses import replace

from sqlalchemy import ColumnElement, ColumnExpressionArgument, case, null

from domain.access.access import Access
from domain.staff.model import FieldAccess, PersonalField


def showing(access: Access, field: PersonalField) -> Access:
    """The same colleague with only the roles that show something of a field."""
    kept = tuple(
        grant
        for grant in access.grants
        if grant.fields.get(field, FieldAccess.NONE) != FieldAccess.NONE
    )
    return replace(access, grants=kept)


def masked(
    access: Access, field: PersonalField, column: ColumnExpressionArgument[str | None]
) -> ColumnElement[str | None]:
    """The masked value where the colleague may see it, else NULL; for queries over persons."""
    return case((showing(access, field).where_person("people.see"), column), else_=null())
