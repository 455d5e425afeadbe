"""What the repository carries: no secrets, no strange hosts, no machine's paths; licence and lock."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, kept_files

FORBIDDEN = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\n\s*[A-Za-z0-9+/]",
    "a cloud or forge token": r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[abp]-[\w-]{20,})\b",
    "credentials in an address": r"\b[a-z][a-z+]+://[^\s/:@\"'{}<>$]+:[^\s/@\"'{}<>$]+@(?![\w.-]*\.example\b)[\w.-]*\.[a-z]{2}",
    "a package index": r"(--(extra-)?index-url|--find-links|--trusted-host)[ =]+\S|PIP_INDEX_URL=\S",
    "a path of one machine": r"(?<![\w.<])/(root|work|Users|home/\w+)/\w",
    "a private network": r"\b(10\.\d{1,3}|192\.168|172\.(1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}\b",
}
KNOWN_HOSTS = re.compile(
    r"^(127\.0\.0\.1|localhost|\[::1\]"
    r"|qyapi\.weixin\.qq\.com|work\.weixin\.qq\.com|developer\.work\.weixin\.qq\.com|open\.weixin\.qq\.com"
    r"|login\.work\.weixin\.qq\.com"
    r"|schemas\.(openxmlformats\.org|microsoft\.com)|(www\.)?w3\.org|purl\.(oclc\.)?org"
    r"|www\.apache\.org|keepachangelog\.com|semver\.org|github\.com|docs\.prefect\.io"
    r"|([\w-]+\.)*example(\.(com|org|net|cn))?|[\w.-]+\.(example|invalid|test|localhost))$"
)
URL = re.compile(r"\bhttps?://([^\s/:\"'<>`)\\{}$|?#]+)", re.IGNORECASE)
NO_HOST = re.compile(r"^[^.]+$|^a\.cn$")  # a container's name, or what a test invents
APACHE = "0ffddef9e48f8a09aed5caf2d44f7ba1c1be2d9b8e0a6f693b1635b2d5566645"


def carried(name: Path, text: str) -> list[str]:
    """What one file carries that it should not."""
    found = [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1} {what}"
        for what, pattern in FORBIDDEN.items()
        for hit in re.finditer(pattern, text)
    ]
    strangers = {host for host in URL.findall(text) if not known(host, name)}
    return found + [f"{name} names the host {host}" for host in sorted(strangers)]


def known(host: str, name: Path) -> bool:
    """Whether the repository may name this host here."""
    bare = host.lower().rpartition("@")[2]
    inside = name.parts[0] in ("tests", "deployments")
    return bool(KNOWN_HOSTS.match(bare) or (inside and NO_HOST.match(bare)))


def texts() -> list[tuple[Path, str]]:
    """Every kept file that is text."""
    found = []
    for name in kept_files():
        raw = (ROOT / name).read_bytes()
        if b"\0" not in raw:
            found.append((name, raw.decode("utf-8", errors="replace")))
    return found


def test_the_repository_carries_nothing_it_should_not() -> None:
    own = Path(__file__).relative_to(ROOT)
    found = [said for name, text in texts() if name != own for said in carried(name, text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "a private key"),
        ("token = 'ghp_" + "a" * 36 + "'", "a cloud or forge token"),
        ("https://me:secret@git.some-forge.io/x", "credentials in an address"),
        ("pip install --index-url https://mirror.example.com/simple x", "a package index"),
        ("open('/root/data.txt')", "a path of one machine"),
        ("cd /home/li/wuye", "a path of one machine"),
        ("host = 192.168.1.20", "a private network"),
        ("see http://mirror/simple", "the host mirror"),
        ("see https://mirrors.some-registry.io/pypi", "the host mirrors.some-registry.io"),
    ],
)
def test_what_should_not_be_carried_would_be_seen(text: str, said: str) -> None:
    assert any(said in line for line in carried(Path("README.md"), text))


def test_ordinary_text_is_let_pass() -> None:
    text = "see http://127.0.0.1:8600/desk and /h5/b/, https://qyapi.weixin.qq.com/cgi-bin/gettoken"
    assert carried(Path("README.md"), text) == []


def test_the_licence_is_apache_2() -> None:
    words = " ".join((ROOT / "LICENSE").read_text("utf-8").split())
    assert hashlib.sha256(words.encode()).hexdigest() == APACHE
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache-2.0" in (ROOT / "README.md").read_text("utf-8")


def unpinned(lock: str) -> list[str]:
    """Requirements of a lock without an exact version or without a hash."""
    blocks = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", lock).strip())
    return [
        block.splitlines()[0]
        for block in blocks
        if not re.match(r"[\w.\[\]-]+==\S+", block) or "--hash=sha256:" not in block
    ]


def test_the_lock_pins_everything_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert len(re.findall(r"(?m)^[\w.\[\]-]+==", lock)) > 50
    assert unpinned(lock) == []


def test_a_loose_requirement_would_be_seen() -> None:
    lock = "# made by uv\nalembic==1.13.1 \\\n    --hash=sha256:00\nprefect>=3\nlxml==5.2\n"
    assert unpinned(lock) == ["prefect>=3", "lxml==5.2"]
