"""Seven roles most property companies have; a company changes them as it likes."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.access.permissions import PERMISSIONS
from domain.staff.model import FieldAccess, PersonalField, Role, RoleField

F = FieldAccess


@dataclass(frozen=True)
class DefaultRole:
    """A role as it comes: its name, what it may do, what it sees of phones and ID numbers."""

    name: str
    permissions: tuple[str, ...]
    phone: FieldAccess
    id_number: FieldAccess


DEFAULT_ROLES: dict[str, DefaultRole] = {
    "admin": DefaultRole("系统管理员", tuple(PERMISSIONS), F.FULL, F.FULL),
    "manager": DefaultRole(
        "项目经理",
        ("rooms.see", "rooms.edit", "staff.see", "audit.see", "flows.watch", "people.see",
         "people.edit", "imports.apply", "fees.see", "meters.see", "meters.edit", "bills.see",
         "bills.run", "bills.approve", "bills.reverse", "payments.see", "letters.handle"),
        F.FULL, F.FULL,
    ),
    "finance": DefaultRole(
        "财务",
        ("rooms.see", "audit.see", "people.see", "fees.see", "fees.edit", "meters.see",
         "bills.see", "bills.run", "bills.approve", "bills.reverse", "payments.see",
         "payments.refund"),
        F.MASKED, F.NONE,
    ),
    "cashier": DefaultRole(
        "收费员",
        ("rooms.see", "people.see", "fees.see", "meters.see", "bills.see", "payments.see",
         "payments.take", "letters.handle"),
        F.MASKED, F.NONE,
    ),
    "service": DefaultRole(
        "客服",
        ("rooms.see", "people.see", "people.edit", "imports.apply", "meters.see", "meters.edit",
         "letters.handle"),
        F.FULL, F.MASKED,
    ),
    "technician": DefaultRole("维修", ("rooms.see",), F.MASKED, F.NONE),
    "inspector": DefaultRole("巡检", ("rooms.see",), F.NONE, F.NONE),
}  # fmt: skip


def ensure_roles(session: Session) -> None:
    """Add the default roles that are missing; those a company has changed stay as they are."""
    made = session.scalars(
        insert(Role)
        .values(
            [
                {"code": code, "name": role.name, "permissions": list(role.permissions)}
                for code, role in DEFAULT_ROLES.items()
            ]
        )
        .on_conflict_do_nothing(index_elements=[Role.code])
        .returning(Role.id)
    ).all()
    fields = [
        {"role_id": role_id, "field": field, "access": getattr(DEFAULT_ROLES[code], field)}
        for role_id, code in session.execute(select(Role.id, Role.code).where(Role.id.in_(made)))
        for field in PersonalField
    ]
    if fields:
        session.execute(insert(RoleField).values(fields))
