"""Any form of plain fields that a flow may have becomes a page, and its answers pass the flow's own check."""

from datetime import date
from enum import StrEnum
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model

from domain.errors import Invalid
from gateway.web.act import schema
from gateway.web.act.schema import FormTooRich, answers, fields, flat
from gateway.web.pages import TEMPLATES


class Season(StrEnum):
    SPRING = "spring"
    AUTUMN = "autumn"


INPUT = TEMPLATES.get_template("act/parts.html").module.input
PLAIN = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
VALUES = {
    str: PLAIN, int: st.integers(-(10**12), 10**12), bool: st.booleans(),
    date: st.dates(), Season: st.sampled_from(Season),
}  # fmt: skip
KINDS = st.sampled_from(list(VALUES))


def told(model: type[BaseModel]) -> dict:
    """The schema as Prefect keeps it: one parameter, and shared definitions."""
    inner = model.model_json_schema(ref_template="#/definitions/{model}")
    shared = inner.pop("$defs", {}) | {"Form": inner}
    form = {"$ref": "#/definitions/Form", "title": "form", "position": 0}
    return {"type": "object", "properties": {"form": form}, "definitions": shared}


@given(st.lists(st.tuples(KINDS, PLAIN, st.booleans()), min_size=1, max_size=6), st.data())
def test_what_is_typed_arrives_as_the_flow_wants_it(wanted, data):
    model = create_model("Form", **{
        f"f{number}": (kind | None if open_ else kind, Field(None if open_ else ..., title=title,
                       json_schema_extra={"position": number}))
        for number, (kind, title, open_) in enumerate(wanted)
    })  # fmt: skip
    given_ = model(**{f"f{n}": data.draw(VALUES[kind]) for n, (kind, *_) in enumerate(wanted)})
    shown = fields(told(model))
    assert [one.title for one in shown] == [title for _, title, _ in wanted]
    typed = flat({"form": given_.model_dump(mode="json")})
    for one in shown:
        html = unescape(str(INPUT(one, typed, {}, "")))
        assert f'name="{one.name}"' in html
        assert one.title in html
    read = answers(shown, typed)
    assert read.errors == {}
    assert model(**read.parameters["form"]) == given_


@pytest.mark.parametrize(
    ("rules", "typed", "said"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 168}, "０", "不能小于 1"),
        ({"type": "integer", "exclusiveMaximum": 10}, "10", "不能大于 9"),
        ({"type": "integer"}, "3.5", "要填整数"),
        ({"type": "integer"}, "9" * 400, "要填整数"),
        ({"type": "string", "maxLength": 3}, "四个字啊", "最多 3 个字"),
        ({"type": "string", "minLength": 3}, "短", "至少 3 个字"),
        ({"type": "string", "pattern": "^[0-9]+$"}, "x", "写法不对"),
        ({"type": "string", "enum": ["a", "b"]}, "c", "从列表里选"),
        ({"type": "string", "format": "date"}, "2026-02-30", "2026-11-23 这样"),
        ({"type": "string"}, " ", "请填写"),
    ],
)
def test_a_wrong_answer_is_refused_in_words(rules, typed, said):
    shape = {"properties": {"x": {"title": "这项", **rules}}, "required": ["x"]}
    [one] = fields(shape)
    with pytest.raises(Invalid, match=said):
        one.read(typed)
    assert said in answers([one], {"x": typed}).errors["x"]


@pytest.mark.parametrize("rules", [{"type": "array"}, {"type": "number"}, {}, {"type": "object"}])
def test_what_no_field_can_hold_is_said_and_never_guessed(rules):
    with pytest.raises(FormTooRich, match="楼栋"):
        fields({"properties": {"x": {"title": "楼栋", **rules}}})


def test_an_answer_that_was_not_given_leaves_the_flows_own_default():
    shape = {"properties": {"x": {"title": "这项", "type": "integer", "default": 24}}}
    [one] = fields(shape)
    assert one.default == "24"
    assert answers([one], {"x": ""}).parameters == {}
    assert schema.nested({"form.month": "2026-11"}) == {"form": {"month": "2026-11"}}
