"""接口令牌 at the desk: made from one's own permissions, shown once, ended with one click."""

import re

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
