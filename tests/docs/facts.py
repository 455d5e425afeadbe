"""What the documents speak of, asked of the code itself."""

import ast
import importlib
import pkgutil
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import typer
import yaml
from pydantic import SecretStr
from typer.core import TyperGroup

import domain
from gateway.settings import Settings
from tests.architecture.guards.guard import dotted
from tests.architecture.source import ROOT, Source, product


@dataclass(frozen=True)
class Setting:
    """One WUYE_* variable; `default` as a reader would type it, empty if there is none."""

    name: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Deployment:
    """One deployment: `bill-run/monthly`, its cron lines and its Chinese description."""

    name: str
    crons: tuple[str, ...]
    description: str


def settings() -> list[Setting]:
    """Every setting there is."""
    return [
        Setting(f"WUYE_{name.upper()}", _default(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def verbs() -> dict[str, str]:
    """Every command line there is (`wuye bills run`), with the first line of its help."""
    from deployments.cli.commands import COMMANDS, app

    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    found: dict[str, str] = {}
    for name in COMMANDS:
        found |= _verbs(f"wuye {name}", group.get_command(None, name))  # type: ignore[arg-type]
    return found


def deployments() -> list[Deployment]:
    """Every deployment of prefect.yaml."""
    entries = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    return [
        Deployment(
            f"{_flow_name(entry['entrypoint'])}/{entry['name']}",
            tuple(one["cron"] for one in entry.get("schedules", [])),
            entry["description"],
        )
        for entry in entries
    ]


def enums() -> list[type[StrEnum]]:
    """Every enum of domain/*/model.py."""
    for found in pkgutil.iter_modules(domain.__path__):
        if found.ispkg and (ROOT / "domain" / found.name / "model.py").exists():
            importlib.import_module(f"domain.{found.name}.model")
    return sorted(
        (kind for kind in StrEnum.__subclasses__()
         if kind.__module__.startswith("domain.") and kind.__module__.endswith(".model")),
        key=lambda kind: (kind.__module__, kind.__name__),
    )  # fmt: skip


def _default(value: Any) -> str:
    if value is None or isinstance(value, SecretStr):
        return ""
    return str(value)


def _verbs(path: str, command: Any) -> dict[str, str]:
    if not isinstance(command, TyperGroup):
        return {path: str(command.help).splitlines()[0]}
    found: dict[str, str] = {}
    for name, sub in command.commands.items():
        found |= _verbs(f"{path} {name}", sub)
    return found


def _flow_name(entrypoint: str) -> str:
    """The name a flow is given in its decorator, read without importing Prefect."""
    path, _, function = entrypoint.partition(":")
    file = next((file for file in product() if file.path == path), Source(path, ""))
    for node in file.tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and dotted(mark.func) == "flow":
                    names = [k.value.value for k in mark.keywords
                             if k.arg == "name" and isinstance(k.value, ast.Constant)]  # fmt: skip
                    return str(names[0])
    return function.replace("_", "-")
