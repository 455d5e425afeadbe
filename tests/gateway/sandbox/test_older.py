"""A state folder of an earlier version is opened, and nobody in it is lost."""

import sqlite3
from pathlib import Path

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import APP_SECRET, CORP_ID, SandboxServer

EARLIER = f"""
CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO fact VALUES ('corp_id', '{CORP_ID}');
CREATE TABLE app (agent_id INTEGER PRIMARY KEY, secret TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  customer_contact INTEGER);
INSERT INTO app VALUES (1000002, '{APP_SECRET}', '物业助手', 1);
CREATE TABLE staff (userid TEXT PRIMARY KEY COLLATE NOCASE, name TEXT NOT NULL,
  mobile TEXT NOT NULL, position TEXT NOT NULL, active INTEGER NOT NULL);
INSERT INTO staff VALUES ('lisi', '李四', '', '客服', 1), ('gone', '离职', '', '', 0);
"""


def test_an_earlier_folder_is_caught_up(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "sandbox.sqlite3")
    db.executescript(EARLIER)
    db.close()
    with SandboxServer(tmp_path) as own:
        app = Caller(own, APP_SECRET)
        assert [app.get("user/get", userid=who)["status"] for who in ("lisi", "gone")] == [1, 5]
        assert app.get("user/get", userid="lisi")["department"] == [1]
        assert app.send("lisi|gone")["invaliduser"] == "gone"
        own.seed_office()
        own.reset()
        assert app.get("user/get", userid="gone")["errcode"] == 40014
        fresh = Caller(own, APP_SECRET)
        assert fresh.get("user/get", userid="gone")["status"] == 5
        assert own.http.get(f"{own.url}/contacts").status_code == 200
