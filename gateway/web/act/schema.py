"""A deployment's parameters as a form: pydantic's JSON schema becomes fields, and answers become
parameters again, checked here before Prefect checks them once more.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from domain.errors import Invalid
from gateway.web.fields import one_line

Kind = Literal["text", "whole", "flag", "choice", "day"]
PREFIX = "p."
LONGEST = 500
MOST_DIGITS = 18
YES = "yes"


class FormTooRich(Invalid):
    """The deployment takes something that no field of ours can hold."""

    code = "form_too_rich"


@dataclass(frozen=True)
class Field:
    """One field; `path` is where its answer goes, `default` what it says before anybody types."""

    path: tuple[str, ...]
    title: str
    hint: str
    kind: Kind
    required: bool
    default: str
    choices: tuple[tuple[str, str], ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """`form.month`: its name in presets."""
        return ".".join(self.path)

    @property
    def name(self) -> str:
        """Its name in the page's form."""
        return PREFIX + self.key

    def read(self, typed: str) -> Any:
        """The answer as Prefect takes it, None where nothing was said; Invalid says what is wrong."""
        plain = one_line(typed)
        if self.kind == "flag":
            return plain == YES
        if not plain:
            if self.required:
                raise Invalid(f"请填写{self.title}")
            return None
        return READERS[self.kind](self, plain)


@dataclass(frozen=True)
class Answers:
    """What came of a form: parameters, or what is wrong field by field."""

    parameters: dict[str, Any]
    errors: Mapping[str, str]


def fields(schema: Mapping[str, Any]) -> list[Field]:
    """The fields of a deployment's parameter schema, in their order; FormTooRich names what is."""
    return list(_fields(schema, (), schema.get("definitions") or {}))


def answers(wanted: Sequence[Field], typed: Mapping[str, str]) -> Answers:
    """Read every field; what was left empty is left out, so that the flow's own default holds."""
    parameters: dict[str, Any] = {}
    errors = {}
    for one in wanted:
        try:
            value = one.read(typed.get(one.key, ""))
        except Invalid as refusal:
            errors[one.key] = refusal.message
        else:
            if value is not None:
                put(parameters, one.path, value)
    return Answers(parameters, errors)


def nested(typed: Mapping[str, str]) -> dict[str, Any]:
    """Presets by key as parameters, as they are."""
    parameters: dict[str, Any] = {}
    for key, value in typed.items():
        put(parameters, tuple(key.split(".")), value)
    return parameters


def flat(parameters: Mapping[str, Any], *path: str) -> dict[str, str]:
    """Parameters as a form would have typed them, by key."""
    found: dict[str, str] = {}
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            found |= flat(value, *path, name)
        else:
            found[".".join((*path, name))] = _typed(value)
    return found


def put(parameters: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set a value deep inside."""
    for name in path[:-1]:
        parameters = parameters.setdefault(name, {})
    parameters[path[-1]] = value


def _fields(
    node: Mapping[str, Any], path: tuple[str, ...], shared: Mapping[str, Any]
) -> Iterator[Field]:
    properties = node.get("properties") or {}
    order = sorted(properties, key=lambda name: properties[name].get("position", len(properties)))
    for name in order:
        inner, optional = _plain(properties[name], shared)
        if inner.get("type") == "object" and inner.get("properties"):
            yield from _fields(inner, (*path, name), shared)
        else:
            required = name in (node.get("required") or ()) and not optional
            yield _field(inner, (*path, name), required=required)


def _plain(node: Mapping[str, Any], shared: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """A node with its reference followed, and whether it may be null."""
    told, optional = dict(node), False
    for word in ("anyOf", "allOf"):
        parts = told.pop(word, None)
        if parts:
            real = [part for part in parts if part.get("type") != "null"]
            optional = optional or len(real) < len(parts)
            if len(real) == 1:
                told = {**real[0], **told}
    if "$ref" in told:
        target = shared.get(told.pop("$ref").rpartition("/")[2], {})
        told = {**target, **told}
    return told, optional


def _field(node: Mapping[str, Any], path: tuple[str, ...], *, required: bool) -> Field:
    title = node.get("title") or path[-1]
    choices = tuple((_typed(one), _typed(one)) for one in node.get("enum") or ())
    default = _typed(node["default"]) if node.get("default") is not None else ""
    kind = "choice" if choices else _kind(node, title)
    return Field(
        path, title, node.get("description") or "", kind, required and kind != "flag", default,
        choices, {**node, "values": {_typed(one): one for one in node.get("enum") or ()}},
    )  # fmt: skip


def _kind(node: Mapping[str, Any], title: str) -> Kind:
    match node.get("type"), node.get("format"):
        case "string", "date":
            return "day"
        case "string", None:
            return "text"
        case "integer", _:
            return "whole"
        case "boolean", _:
            return "flag"
    raise FormTooRich(f"「{title[:40]}」不能在这里填，请管理员从后台界面发起")


def _typed(value: Any) -> str:
    return (YES if value else "") if isinstance(value, bool) else str(value)


def _text(one: Field, typed: str) -> str:
    longest = min(one.rules.get("maxLength", LONGEST), LONGEST)
    if len(typed) > longest:
        raise Invalid(f"{one.title}最多 {longest} 个字")
    if len(typed) < one.rules.get("minLength", 0):
        raise Invalid(f"{one.title}至少 {one.rules['minLength']} 个字")
    if not re.search(one.rules.get("pattern", ""), typed):
        raise Invalid(f"{one.title}的写法不对")
    return typed


def _whole(one: Field, typed: str) -> int:
    plain = unicodedata.normalize("NFKC", typed).replace(",", "")
    if not re.fullmatch(r"-?[0-9]+", plain) or len(plain) > MOST_DIGITS:
        raise Invalid(f"{one.title}要填整数")
    number = int(plain)
    least = one.rules.get("minimum", one.rules.get("exclusiveMinimum", number - 1) + 1)
    most = one.rules.get("maximum", one.rules.get("exclusiveMaximum", number + 1) - 1)
    if number < least:
        raise Invalid(f"{one.title}不能小于 {least}")
    if number > most:
        raise Invalid(f"{one.title}不能大于 {most}")
    return number


def _choice(one: Field, typed: str) -> Any:
    if typed not in one.rules["values"]:
        raise Invalid(f"{one.title}请从列表里选")
    return one.rules["values"][typed]


def _day(one: Field, typed: str) -> str:
    try:
        return date.fromisoformat(unicodedata.normalize("NFKC", typed)).isoformat()
    except ValueError:
        raise Invalid(f"{one.title}请写成 2026-11-23 这样") from None


READERS = {"text": _text, "whole": _whole, "choice": _choice, "day": _day}
