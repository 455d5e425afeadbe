"""接口令牌 at the desk: made from one's own permissions, shown once, ended with one click."""

import re

from sqlalchemy import select

from domain.history import audit, checking
from domain.history.model import AuditEntry, StatusChange
from domain.session import transaction
from tests.gateway.web.api.conftest import Program, refused, token_of
from tests.gateway.web.conftest import words

SECRET = re.compile(r"data-secret>(wuye_[^<]+)<")


def made(window, **form):
    window.get("/desk/me/tokens")
    return window.post("/desk/me/tokens", **{"name": "收费机", "days": "30", **form})


def test_a_token_is_shown_once_works_and_ends(app, browser, room):
    window = browser().sign_in(room.cashier)
    assert "接口令牌" in words(window.get("/desk/me"))
    page = made(window, scope="payments.take")
    secret = SECRET.search(page.text)[1]
    assert Program(app, secret).get("/me").json()["permissions"] == ["payments.take"]
    listed = window.get("/desk/me/tokens")
    assert secret not in listed.text
    assert "收费机" in words(listed)
    token_id = re.search(r'name="token_id" value="(\d+)"', listed.text)[1]
    assert "令牌已停用" in words(
        window.follow(window.post("/desk/me/tokens/revoke", token_id=token_id))
    )
    refused(Program(app, secret).get("/me"), 401, "token_invalid")


def test_what_a_program_does_is_told_with_its_token(app, browser, room, engine):
    window = browser().sign_in(room.cashier)
    secret = SECRET.search(made(window, scope="payments.take").text)[1]
    paid = Program(app, secret).pay(
        "till-0001", bills=[bill.no for bill in room.bills], amount_fen=15_000, method="cash"
    )
    assert paid.status_code == 201, paid.text
    page = window.get("/desk/me/tokens")
    path = re.search(r'href="(/desk/me/tokens/\d+)"', page.text)[1]
    token_id = int(path.rpartition("/")[2])
    with transaction(engine) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "payment.take")).one()
        moves = session.scalars(select(StatusChange).where(StatusChange.token_id.is_not(None)))
        assert (entry.actor_name, entry.token_id) == ("李收银", token_id)
        assert {(move.thing, move.token_id) for move in moves} >= {("bill", token_id)}
        assert checking.walk(session).broken_at is None
        entry_id, entry.token_id = entry.id, None
        assert audit.digest(entry) != entry.hash, "the token is part of what the chain proves"
        session.rollback()
    manager = browser().sign_in(room.boss)
    for address in ("/desk/audit", "/desk/audit?way=api", f"/desk/audit/{entry_id}"):
        assert "李收银（接口令牌「收费机」）" in words(manager.get(address)), address
    assert "发放接口令牌" not in words(manager.get("/desk/audit?way=api")), "a person did that"
    assert "收款" in words(window.get(path)).partition("程序用它做过的事")[2]
    window.post("/desk/me/tokens/revoke", token_id=token_id)
    refused(Program(app, secret).get("/me"), 401, "token_invalid")
    said = words(window.get(path))
    assert "已停用" in said
    assert "收款" in said.partition("程序用它做过的事")[2], "what it did stays"
    assert path in window.get("/desk/me/tokens").text
    assert manager.get(path).status_code == 404, "somebody else's"
    assert browser().get(path).status_code == 401


def test_only_own_permissions_are_offered_and_taken(browser, room):
    window = browser().sign_in(room.cashier)
    offered = set(re.findall(r'name="scope" value="([^"]+)"', window.get("/desk/me/tokens").text))
    assert offered == {"payments.take"}
    page = made(window, scope="bills.approve")
    assert page.status_code == 403
    assert "不能给令牌" in words(page)
    assert 'value="收费机"' in page.text  # what was typed is still there
    assert made(window).status_code == 422
    assert made(window, scope="payments.take", days="9999").status_code == 422


def test_nobody_ends_somebody_elses_token(app, browser, room, engine):
    theirs = Program(app, token_of(engine, room.colleague))
    window = browser().sign_in(room.cashier)
    window.get("/desk/me/tokens")
    for token_id in range(1, 50):
        assert window.post("/desk/me/tokens/revoke", token_id=token_id).status_code == 303
    assert theirs.get("/me").status_code == 200
