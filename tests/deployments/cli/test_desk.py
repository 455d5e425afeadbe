"""`wuye desk token`: a program's key from the command line."""

from tests.deployments.cli.commanding import Wuye
from tests.factories.office import Office


def test_a_token_for_a_colleague(shop: Office, wuye: Wuye) -> None:
    shop.staff("li", "李收银", ["payments.take"])
    shop.session.commit()
    code, told = wuye("desk", "token", "--user", "li", "--scope", "payments.take", "--days", 7)
    assert code == 0
    assert told["token"].startswith("wuye_")
    assert told["scopes"] == ["payments.take"]
    refusals = {
        "scopes_invalid": ("--scope", "all"),
        "not_permitted": ("--scope", "payments.take, bills.approve"),
        "invalid": ("--scope", "payments.take", "--days", 366),
    }
    for expected, words in refusals.items():
        assert wuye.refused("desk", "token", "--user", "li", *words)[0] == expected
    assert wuye.refused("desk", "token", "--user", "no", "--scope", "x")[0] == "staff_not_found"
