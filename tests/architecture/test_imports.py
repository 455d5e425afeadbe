"""The import contracts of pyproject.toml hold, and each of them can be broken."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
LINT = (
    "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"
)


def lint(folder: Path) -> str:
    """What import-linter says of the packages in a folder."""
    return subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True, text=True, check=False, timeout=60,
    ).stdout  # fmt: skip


def test_imports_run_one_way() -> None:
    said = lint(ROOT)
    assert "0 broken" in said, said


def test_the_contracts_cover_every_package() -> None:
    assert sorted(CONTRACTS["root_packages"]) == sorted(PACKAGES)


@pytest.fixture
def small_house(tmp_path: Path) -> Path:
    """The packages the contracts name, empty, under the same contracts."""
    for module in sorted({name for contract in CONTRACTS["contracts"] for name in named(contract)}):
        folder = tmp_path.joinpath(*module.split("."))
        folder.mkdir(parents=True, exist_ok=True)
        for package in [folder, *folder.parents]:
            if package.is_relative_to(tmp_path) and package != tmp_path:
                (package / "__init__.py").touch()
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    return tmp_path


def test_every_contract_can_be_broken(small_house: Path) -> None:
    assert "0 broken" in lint(small_house)
    for number, contract in enumerate(CONTRACTS["contracts"]):
        culprit, forbidden = offence(contract)
        guilty = small_house.joinpath(*culprit.split("."), f"guilty_{number}.py")
        guilty.write_text(f"import {forbidden}\n", "utf-8")
    said = lint(small_house)
    asleep = [c["name"] for c in CONTRACTS["contracts"] if f"{c['name']} BROKEN" not in said]
    assert asleep == [], said


def offence(contract: dict[str, list[str]]) -> tuple[str, str]:
    """(who, what): an import the contract must refuse."""
    if contract["type"] == "layers":
        return modules_of(contract["layers"][-1])[0], modules_of(contract["layers"][0])[0]
    if contract["type"] == "independence":
        return contract["modules"][0], contract["modules"][1]
    return contract["source_modules"][0], contract["forbidden_modules"][0]


def named(contract: dict[str, list[str]]) -> list[str]:
    """Modules of ours that a contract names."""
    layers = [name for layer in contract.get("layers", []) for name in modules_of(layer)]
    lists = ("modules", "source_modules", "forbidden_modules")
    names = layers + [name for key in lists for name in contract.get(key, [])]
    return [name for name in names if name.split(".")[0] in PACKAGES]


def modules_of(layer: str) -> list[str]:
    """`"a | (b)"` -> a, b."""
    return [name.strip(" ()") for name in layer.replace(":", "|").split("|")]
