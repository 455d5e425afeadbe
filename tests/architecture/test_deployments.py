"""prefect.yaml: every flow is deployed, every deployment loads, in Chinese and on Shanghai time."""

import ast
import copy
import inspect
from importlib import import_module
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.client.schemas.schedules import CronSchedule
from pydantic import BaseModel, ValidationError

from tests.architecture.guards.guard import chinese, dotted
from tests.architecture.source import ROOT, Source, product

DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))[
    "deployments"
]
STRATEGIES = {"ENQUEUE", "CANCEL_NEW"}


def flows_of(files: list[Source]) -> set[str]:
    """`flows/bill_run.py:bill_run` of every function marked as a flow."""
    return {
        f"{file.path}:{node.name}"
        for file in files if file.under("flows")
        for node in file.tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if any(dotted(getattr(mark, "func", mark)) == "flow" for mark in node.decorator_list)
    }  # fmt: skip


def flow_at(entrypoint: str) -> Flow[..., Any]:
    """The flow an entrypoint names; fails loudly if there is none."""
    path, _, name = entrypoint.partition(":")
    found = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
    assert isinstance(found, Flow), f"{entrypoint} is not a flow"
    return found


def faults(entry: dict[str, Any]) -> list[str]:
    """What is wrong with one deployment of prefect.yaml."""
    schedules = entry.get("schedules", [])
    limit = entry.get("concurrency_limit", {})
    rules = {
        "no Chinese description": chinese(entry.get("description", "")),
        "no Chinese tag": any(map(chinese, entry.get("tags", []))),
        "a schedule outside Asia/Shanghai": all(
            one.get("timezone") == "Asia/Shanghai" for one in schedules
        ),
        "a schedule that is not a cron line": all(
            is_cron(one.get("cron", "")) for one in schedules
        ),
        "a schedule without a slug: a redeploy would double it": all(
            one.get("slug") for one in schedules
        ),
        "no concurrency limit": isinstance(limit, dict) and limit.get("limit", 0) > 0,
        "no collision strategy": limit.get("collision_strategy") in STRATEGIES,
        "no work pool": bool(entry.get("work_pool", {}).get("name")),
    }
    return [fault for fault, kept in rules.items() if not kept]


def is_cron(line: str) -> bool:
    """Whether Prefect understands the line."""
    try:
        return bool(CronSchedule(cron=line))
    except ValidationError:
        return False


def test_every_flow_is_deployed_and_every_deployment_is_a_flow() -> None:
    deployed = {entry["entrypoint"] for entry in DEPLOYMENTS}
    assert deployed == flows_of(product())


def test_a_forgotten_flow_would_be_seen() -> None:
    forgotten = Source("flows/x.py", "@flow(name='x')\ndef chase(): ...\n@task\ndef part(): ...")
    assert flows_of([forgotten]) == {"flows/x.py:chase"}


def test_every_name_is_taken_once() -> None:
    names = [(entry["entrypoint"], entry["name"]) for entry in DEPLOYMENTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("entry", DEPLOYMENTS, ids=lambda entry: entry["entrypoint"])
def test_every_deployment_is_fit_for_its_readers(entry: dict[str, Any]) -> None:
    assert faults(entry) == []


@pytest.mark.parametrize(
    ("part", "value", "fault"),
    [
        ("description", "monthly bills", "no Chinese description"),
        ("tags", ["finance"], "no Chinese tag"),
        ("schedules", [{"cron": "0 6 1 * *", "timezone": "UTC", "slug": "m"}], "outside Asia"),
        ("schedules", [{"cron": "0 6 1 * *", "slug": "m"}], "outside Asia"),
        ("schedules", [{"cron": "often", "timezone": "Asia/Shanghai", "slug": "m"}], "cron line"),
        ("schedules", [{"cron": "0 6 1 * *", "timezone": "Asia/Shanghai"}], "slug"),
        ("concurrency_limit", {}, "no concurrency limit"),
        ("work_pool", {}, "no work pool"),
    ],
)
def test_an_unfit_deployment_would_be_seen(part: str, value: object, fault: str) -> None:
    spoiled = copy.deepcopy(DEPLOYMENTS[0]) | {part: value}
    assert any(fault in said for said in faults(spoiled))


@pytest.mark.parametrize("entry", DEPLOYMENTS, ids=lambda entry: entry["entrypoint"])
def test_every_entrypoint_loads_and_takes_its_parameters(entry: dict[str, Any]) -> None:
    flow = flow_at(entry["entrypoint"])
    assert chinese(flow.description or ""), "operators read the description"
    given, schedules = entry.get("parameters") or {}, entry.get("schedules", [])
    if given or schedules:  # who starts the others by hand fills in their form
        flow.validate_parameters(given)
    for one in schedules:
        flow.validate_parameters(given | (one.get("parameters") or {}))


@pytest.mark.parametrize("entry", DEPLOYMENTS, ids=lambda entry: entry["entrypoint"])
def test_every_form_speaks_chinese(entry: dict[str, Any]) -> None:
    assert [field for form in forms(flow_at(entry["entrypoint"])) for field in mute(form)] == []


def test_a_mute_form_would_be_seen() -> None:
    class Form(BaseModel):
        month: str = ""

    assert mute(Form) == ["Form.month"]


def test_a_deployment_that_does_not_load_would_be_seen() -> None:
    with pytest.raises(AttributeError):
        flow_at("flows/ledger_check.py:no_such_flow")
    with pytest.raises(AssertionError, match="not a flow"):
        flow_at("flows/ledger_check.py:check")


def forms(flow: Flow[..., Any]) -> list[type[BaseModel]]:
    """The pydantic models a flow takes: what the Prefect UI shows as a form."""
    hints = inspect.get_annotations(flow.fn, eval_str=True).items()
    kinds = [kind for name, hint in hints if name != "return" for kind in _kinds(hint)]
    return [kind for kind in kinds if issubclass(kind, BaseModel)]


def mute(form: type[BaseModel]) -> list[str]:
    """Fields without a Chinese title or description."""
    return [
        f"{form.__name__}.{name}"
        for name, field in form.model_fields.items()
        if not (chinese(field.title or "") and chinese(field.description or ""))
    ]


def _kinds(hint: Any) -> list[type]:
    parts = getattr(hint, "__args__", ()) or (hint,)
    return [part for part in parts if isinstance(part, type)]
