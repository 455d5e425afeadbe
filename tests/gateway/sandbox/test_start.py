"""Starting, refusing to start, and coming back after a kill -9."""

import socket
from pathlib import Path

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import APP_SECRET, CONTACT_SECRET, SandboxServer, launch


def test_production_is_refused(tmp_path: Path) -> None:
    process = launch("--port", "0", "--state", str(tmp_path), WUYE_ENVIRONMENT="production")
    _, words = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "生产环境不启动" in words
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_said(sandbox: SandboxServer, tmp_path: Path) -> None:
    process = launch("--port", str(sandbox.port), "--state", str(tmp_path))
    _, words = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"端口 {sandbox.port} 已被占用" in words


def test_only_the_loopback_address_is_served(sandbox: SandboxServer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.settimeout(2)
        assert other.connect_ex(("127.0.0.2", sandbox.port)) != 0


def test_phones_survive_a_kill(tmp_path: Path) -> None:
    with SandboxServer(tmp_path / "state") as sandbox:
        sandbox.seed_office()
        app, contact = Caller(sandbox, APP_SECRET), Caller(sandbox, CONTACT_SECRET)
        app.send()
        msgid = contact.mass("wm1", "wm2")["msgid"]
        sandbox.press("lisi")
        sandbox.control("POST", "clock", {"advance_seconds": 3600})
        before = sandbox.phone("lisi"), sandbox.phone("wm1")

        sandbox.kill()
        sandbox.start()

        assert (sandbox.phone("lisi"), sandbox.phone("wm1")) == before
        assert contact.results(msgid) == {"wm1": 1, "wm2": 1}
        assert app.send()["errcode"] == 0
        assert sandbox.control("GET", "clock")["offset_seconds"] == 3600
