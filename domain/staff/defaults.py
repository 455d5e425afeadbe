"""Seven roles most property companies have; a company changes them as it likes."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.staff.model import Role
from domain.staff.queries import PERMISSIONS

DEFAULT_ROLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "admin": ("系统管理员", tuple(PERMISSIONS)),
    "manager": (
        "项目经理",
        ("bills.run", "bills.approve", "bills.reverse", "imports.apply", "letters.handle"),
    ),
    "finance": ("财务", ("bills.run", "bills.approve", "bills.reverse", "payments.refund")),
    "cashier": ("收费员", ("payments.take", "letters.handle")),
    "service": ("客服", ("imports.apply", "letters.handle")),
    "technician": ("维修", ()),
    "inspector": ("巡检", ()),
}


def ensure_roles(session: Session) -> None:
    """Add the default roles that are missing; those a company has changed stay as they are."""
    session.execute(
        insert(Role)
        .values(
            [
                {"code": code, "name": name, "permissions": list(permissions)}
                for code, (name, permissions) in DEFAULT_ROLES.items()
            ]
        )
        .on_conflict_do_nothing(index_elements=[Role.code])
    )
