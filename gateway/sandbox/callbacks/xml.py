"""XML as WeCom writes it, and as it comes back in a passive reply."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gateway.sandbox.callbacks.crypto import Unreadable


def written(facts: dict[str, Any]) -> str:
    """`<xml>` with an element per fact: texts as CDATA, numbers bare, lists repeat the element."""
    return f"<xml>{inside(facts)}</xml>"


def inside(facts: dict[str, Any]) -> str:
    """The elements."""
    return "".join(
        f"<{key}>{value_of(each)}</{key}>"
        for key, value in facts.items()
        for each in (value if isinstance(value, list) else [value])
    )


def value_of(value: Any) -> str:
    """What stands between the tags."""
    if isinstance(value, dict):
        return inside(value)
    if isinstance(value, int):
        return str(int(value))
    return "<![CDATA[" + str(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def read(text: str) -> dict[str, Any]:
    """The facts of an `<xml>`. Raises Unreadable."""
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable(str(error)) from error
    facts = facts_of(root)
    return facts if isinstance(facts, dict) else {}


def facts_of(element: Element) -> Any:
    """A text, or a dict of what is inside; a repeated element becomes a list."""
    if not len(element):
        return (element.text or "").strip()
    facts: dict[str, Any] = {}
    for child in element:
        value = facts_of(child)
        if child.tag in facts:
            before = facts[child.tag]
            facts[child.tag] = [*(before if isinstance(before, list) else [before]), value]
        else:
            facts[child.tag] = value
    return facts
