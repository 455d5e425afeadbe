"""`wuye staff`: who gave whom a role is on the record, once."""

from sqlalchemy import select

from domain.history.model import AuditEntry
from tests.deployments.cli.commanding import Wuye
from tests.factories.office import Office


def acts(shop: Office) -> list[tuple[str, str, str]]:
    """What the record says about colleagues: act, who, which role."""
    asked = select(AuditEntry).where(AuditEntry.subject == "staff").order_by(AuditEntry.id)
    return [
        (one.action, one.actor_kind, one.detail.get("role", ""))
        for one in shop.session.scalars(asked)
    ]


def test_a_colleague_and_a_role_from_the_command_line_are_on_the_record(
    shop: Office, wuye: Wuye
) -> None:
    shop.session.commit()
    person = ("staff", "add", "lisi", "--name", "李四")
    for _ in range(2):
        assert wuye(*person, "--role", "cashier")[0] == 0
    assert wuye(*person, "--role", "finance", "--community", shop.community.name)[0] == 0
    assert acts(shop) == [
        ("staff.create", "operator", ""),
        ("staff.grant", "operator", "收费员"),
        ("staff.grant", "operator", "财务"),
    ]
    assert wuye.refused(*person, "--role", "emperor")[0] == "role_not_found"
    assert len(acts(shop)) == 3


def test_a_sign_in_link_from_the_command_line_is_on_the_record(shop: Office, wuye: Wuye) -> None:
    shop.session.commit()
    assert wuye("desk", "link", "--user", shop.manager.login)[0] == 0
    assert acts(shop) == [("staff.link", "operator", "")]
