"""Which pages people at work open: found by walking the desk's own menu, as they would.

Every list of the menu is opened plainly, by every filter, sorted by every column both ways, at its
last page, searched for, and with filters and sorting put together: what a new list or filter
brings is measured without being named here.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

import httpx

FURTHER = ("/desk", "/desk/meters/round", "/desk/rooms/places", "/desk/payments/days")
"""Overviews that are linked from a list."""
AWAY = ("/desk/flows",)
"""Asks Prefect, which no benchmark runs."""
CHOICES = 12
"""Of a longer choice (buildings, months) the first, the middle and the last."""
MIXED = 8
LAST_PAGE = "99999"


class PageBroken(RuntimeError):
    """A page that did not open."""


@dataclass
class Form(HTMLParser):
    """What can be chosen on a page: filters with their values, sortings, a search, the menu."""

    menu: list[str] = field(default_factory=list)
    filters: dict[str, list[str]] = field(default_factory=dict)
    sorts: list[str] = field(default_factory=list)
    searched_at: str = ""
    form_key: str = ""
    _select: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag of the page."""
        said = {key: value or "" for key, value in attrs}
        href = said.get("href", "")
        if tag == "select":
            self._select = said.get("name", "")
        elif tag == "option" and self._select and said.get("value"):
            self.filters.setdefault(self._select, []).append(said["value"])
        elif tag == "a" and "sort" in said.get("class", "").split():
            self.sorts.append(dict(httpx.URL(href).params)["sort"].lstrip("-"))
        elif tag == "a" and href.startswith("/desk/") and href.count("/") == 2:
            self.menu.append(href)
        elif tag == "form" and said.get("role") == "search":
            self.searched_at = said.get("action", "")
        elif tag == "input" and said.get("name") == "form_key":
            self.form_key = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """The end of a choice."""
        self._select = "" if tag == "select" else self._select


def lists(http: httpx.Client, words: Sequence[str]) -> dict[str, list[str]]:
    """Every page of the desk's menu -> its addresses, the plain one first."""
    home = _read(http, "/desk")
    known = [path for path in dict.fromkeys(home.menu) if path not in AWAY and path != "/desk/me"]
    found = {}
    for path in [*known, *FURTHER]:
        form = _read(http, path)
        found[path] = list(dict.fromkeys([path, *_variants(path, form)]))
        found[path] += list(_searches(http, form, words))
    return found


def _variants(path: str, form: Form) -> Iterator[str]:
    """One thing chosen, then several at once."""
    if form.sorts or form.filters:
        yield f"{path}?page={LAST_PAGE}"
    for sort in form.sorts:
        for one in (sort, f"-{sort}"):
            yield f"{path}?{urlencode({'sort': one})}"
            yield f"{path}?{urlencode({'sort': one, 'page': LAST_PAGE})}"
    for name, values in form.filters.items():
        for value in _some(values):
            yield f"{path}?{urlencode({name: value})}"
    chance = random.Random(path)  # noqa: S311 - which filters are put together
    for _ in range(MIXED if form.filters else 0):
        several = chance.sample(sorted(form.filters), min(2, len(form.filters)))
        chosen = {name: chance.choice(form.filters[name]) for name in several}
        if form.sorts:
            chosen["sort"] = chance.choice(("", "-")) + chance.choice(form.sorts)
        yield f"{path}?{urlencode(chosen)}"


def _some(values: Sequence[str]) -> Sequence[str]:
    return values if len(values) <= CHOICES else (values[0], values[len(values) // 2], values[-1])


def _searches(http: httpx.Client, form: Form, words: Sequence[str]) -> Iterator[str]:
    """Where a search for the words leads."""
    for one in words if form.searched_at else ():
        answer = http.post(form.searched_at, data={"q": one, "form_key": form.form_key})
        if answer.status_code != 303:
            raise PageBroken(f"{form.searched_at}: {answer.status_code}")
        yield answer.headers["location"]


def _read(http: httpx.Client, path: str) -> Form:
    answer = http.get(path)
    if answer.status_code != 200:
        raise PageBroken(f"{path}: {answer.status_code}")
    form = Form()
    form.feed(answer.text)
    return form
