"""The repository's own files, read once: what the guards look at."""

import ast
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "statemachines", "flows", "gateway", "deployments")
MIGRATIONS = "domain/migrations/"


@dataclass(frozen=True)
class Source:
    """One file: its path below the repository ("flows/bill_run.py") and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed module."""
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the module."""
        return list(ast.walk(self.tree))

    def said(self, node: ast.AST) -> str:
        """The text a node was written as."""
        return ast.get_source_segment(self.text, node) or ""

    def under(self, *folders: str) -> bool:
        """Whether the file is one of these, or lies below one of these folders."""
        return self.path.startswith(tuple(f"{folder.rstrip('/')}/" for folder in folders)) or (
            self.path in folders
        )


@lru_cache(maxsize=1)
def sources() -> list[Source]:
    """Every Python file of the product and its tests."""
    return list(_read(*PACKAGES, "tests"))


@lru_cache(maxsize=1)
def product() -> list[Source]:
    """Every Python file of the product: no tests, no migrations (they are history)."""
    return [file for file in sources() if file.under(*PACKAGES) and not file.under(MIGRATIONS)]


@lru_cache(maxsize=1)
def kept_files() -> list[Path]:
    """Every file git keeps or would keep, relative to the repository.

    Where there is no git (an unpacked archive): every file outside dot folders and caches.
    """
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = (
        subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout
        if shutil.which("git")
        else ""
    )
    names = [Path(name) for name in listing.split("\0") if name] or list(_walked(ROOT))
    return [name for name in names if (ROOT / name).is_file()]


def _walked(root: Path) -> Iterator[Path]:
    for folder, inside, files in os.walk(root):
        inside[:] = [name for name in inside if name[0] != "." and name != "__pycache__"]
        yield from (Path(folder, name).relative_to(root) for name in files)


def _read(*folders: str) -> Iterator[Source]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield Source(file.relative_to(ROOT).as_posix(), file.read_text("utf-8"))
