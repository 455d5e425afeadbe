"""Whatever is wrong with a request, a program hears it as a problem, and nothing breaks."""

import json

import pytest

from domain.session import connect
from gateway.web.api.limits import JSON_BYTES
from tests.gateway.web.api.conftest import Program, refused


@pytest.mark.parametrize(
    "header",
    [
        "Bearer", "Bearer ", "Basic abc", "wuye_x", "Bearer wuye_unknown", "Bearer " + "x" * 9_000,
        "Bearer \u00ff", "Bearer a b",
    ],
)  # fmt: skip
def test_no_token_or_no_good_one(app, room, header):
    headers = {"Authorization": header.encode("latin-1")}
    said = Program(app, None).get("/me", headers=headers)
    refused(said, 401, "token_invalid")
    assert said.headers["www-authenticate"].startswith("Bearer")


def test_the_token_is_looked_at_before_the_body(app, room):
    stranger = Program(app, None)
    refused(stranger.ask("POST", "/payments", content=b"{not json"), 401, "token_invalid")
    refused(stranger.post("/payments", {"bills": "?"}), 401, "token_invalid")


def test_unknown_addresses_and_wrong_methods(boss):
    refused(boss.get("/nothing"), 404, "no_such_address")
    refused(boss.get("/"), 404, "no_such_address")
    for path, method, ways in (
        ("/payments", "DELETE", "GET, POST"), ("/me", "POST", "GET"),
        ("/bills/ZD123456/reversal", "GET", "POST"),
    ):  # fmt: skip
        answer = boss.ask(method, path)
        refused(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == ways


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"[" * 50_000, b'{"note":NaN}',
        b'{"seen_paid_fen":' + b"9" * 5_000 + b',"note":"ab"}', b'{"\\ud800": 1}',
        b'{"note": "\\ud800", "seen_paid_fen": 0}', b'{"note": "\\u0000 ", "seen_paid_fen": 0}',
        b'{"note": "ab", "seen_paid_fen": true}', b'{"note": "ab", "seen_paid_fen": "0"}',
        b'{"note": "ab", "seen_paid_fen": 0.5}', b'{"note": "ab", "seen_paid_fen": 0, "x": 1}',
    ],
)  # fmt: skip
def test_bodies_nobody_can_read(boss, room, body):
    path = f"/bills/{room.bills[0].no}/reversal"
    answer = boss.ask("POST", path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    refused(answer, answer.status_code, answer.json()["code"])
    assert "ud800" not in answer.text
    assert boss.get(f"/bills/{room.bills[0].no}").json()["status"] == "issued"


def test_every_wrong_field_is_named_and_never_repeated(boss):
    sent = {"bills": ["13800001234"], "amount_fen": 0, "method": "gold", "extra": "13800001234"}
    said = refused(boss.pay("key-00001", **sent), 422, "request_invalid")
    assert {(one["field"], one["message"]) for one in said["errors"]} == {
        ("bills.0", "格式不对"), ("amount_fen", "不能小于 1"), ("method", "不在可选的值里"),
        ("extra", "没有这一项"),
    }  # fmt: skip
    assert "13800001234" not in json.dumps(said)


@pytest.mark.parametrize(
    "path",
    [
        f"/people/{2**63}", "/people/0", "/people/-1", "/people/x", "/people/%00", "/bills/ZD1",
        "/rooms/1e3", "/bills/%ED%A0%80", "/bills?page=0", f"/bills?page={2**70}",
        "/bills?size=201", "/bills?month=2026-13", "/bills?community=0", "/bills?status=gone",
        "/bills?room=%00", "/bills?room=%25", f"/flow-starts/{2**64}",
    ],
)  # fmt: skip
def test_values_out_of_bounds(boss, path):
    refused(boss.get(path), 422, "request_invalid")


def test_the_largest_page_is_empty_and_quick(boss):
    told = boss.get("/bills", params={"page": 100_000, "size": 200}).json()
    assert (told["rows"], told["page"], told["count"]) == ([], 100_000, 2)


def test_a_body_too_large_is_refused_however_it_comes(boss):
    refused(boss.ask("POST", "/payments", content=b"x" * (JSON_BYTES + 1)), 413, "body_too_large")
    chunks = (b"x" * 65_536 for _ in range(8))  # without a length
    headers = {"Content-Type": "application/json", "Idempotency-Key": "large-0001"}
    refused(boss.ask("POST", "/payments", content=chunks, headers=headers), 413, "body_too_large")


def test_a_dead_database_is_a_problem(app, boss, engine):
    app.state.engine = connect("postgresql://nobody:secret@127.0.0.1:1/nothing")
    answer = boss.get("/me")
    said = refused(answer, 503, "database_unreachable")
    assert answer.headers["retry-after"]
    assert "secret" not in answer.text
    assert "没有收任何款" in said["detail"]
    app.state.engine = engine
    assert boss.get("/me").status_code == 200


def test_a_crash_is_a_problem_that_says_nothing_of_it(app, boss):
    app.state.engine = None
    said = refused(boss.get("/me"), 500, "crashed")
    assert "NoneType" not in json.dumps(said)


def test_other_addresses_below_api_are_not_the_api(boss):
    assert boss.http.get("/api").status_code == 404
    assert boss.http.get("/api/v2/me").status_code == 404


def test_the_document_says_everything(boss):
    told = boss.get("/openapi.json").json()
    assert told["servers"] == [{"url": "/api/v1"}]
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["security"] == [{"token": []}], where
            assert {"401", "403", "422", "500", "503"} <= set(operation["responses"]), where
            for status, answer in operation["responses"].items():
                kind = "application/problem+json" if status >= "400" else "application/json"
                assert list(answer["content"]) == [kind], f"{where} {status}"
                assert not answer["description"].isascii(), f"{where} {status}"


@pytest.mark.parametrize(
    ("sent", "type_", "message"),
    [
        (b'{"bills": "ZD123456", "amount_fen": 1, "method": "cash"}', "application/json", "要填列表"),
        (b"amount_fen=1", "application/x-www-form-urlencoded",
         "请求正文要是 JSON 对象，Content-Type 要写 application/json"),
        (b"[]", "application/json", "请求正文要是 JSON 对象，Content-Type 要写 application/json"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_body_is_said(boss, sent, type_, message):
    headers = {"Idempotency-Key": "till-1-0001", "Content-Type": type_}
    said = refused(
        boss.ask("POST", "/payments", content=sent, headers=headers), 422, "request_invalid"
    )
    assert [one["message"] for one in said["errors"]] == [message]
