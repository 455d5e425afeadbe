"""List pages: one description gives a page with search, filters, sorting and paging, and an export.

A list says which columns it has and asks the domain for its rows; the rows already hold only what
the colleague may see (`Access.where` in the query). What people search for is sealed into the
address, so that names stay out of URLs and logs; filters and sort stand in it openly.
"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from domain import clock
from domain.errors import Invalid
from domain.history import audit
from domain.listing import EXPORTED, Listed, Wanted
from gateway.excel.export import ExportColumn, Kind, write_table
from gateway.web.cells import Look, cell
from gateway.web.desk import words_sought
from gateway.web.fields import FormKey, Typed, one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk, settings_of

EXPORTED_AS: Mapping[Look, Kind] = {
    "money": "money", "number": "number", "day": "date", "moment": "time",
}  # fmt: skip
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PURPOSE_LENGTH = 4


@dataclass(frozen=True)
class Column:
    """One column: `get` takes a row; `link` and `tag` give pairs (address, words) / (tone, words).

    `sort` is a key the list's query sorts by. `needs`: only who holds this permission has it.
    """

    title: str
    get: Callable[[Any], Any]
    look: Look = "text"
    sort: str = ""
    needs: str = ""

    @property
    def at_end(self) -> bool:
        """Whether it is set flush right."""
        return self.look in ("money", "number")

    def cell(self, row: Any) -> str:
        """The value as the page shows it, in HTML."""
        return cell(self.get(row), self.look, title=self.title, at_end=self.at_end)

    def exported(self, row: Any) -> Any:
        """The value as a workbook holds it."""
        value = self.get(row)
        return value[1] if self.look in ("link", "tag") and value is not None else value


@dataclass(frozen=True)
class Filter:
    """A choice above the list: `options` are (value, words); values not among them are ignored."""

    key: str
    title: str
    options: Callable[[Desk], Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class ListPage:
    """A list at `/desk/{key}` for who holds `needs` somewhere.

    `rows` gives a page, `everything` the same rows unpaged for an export (at most `EXPORTED`);
    without `everything` there is no export. `unit`: what a row is, as in `套房屋`. `notices`: what
    to know before reading, as (tone, words). `begin`: how to fill it, offered while it is empty.
    `done`: what acts that lead back here have done, in a sentence, by the word in the address.
    """

    key: str
    title: str
    unit: str
    needs: str
    columns: Sequence[Column]
    rows: Callable[[Desk, Wanted], Listed[Any]]
    everything: Callable[[Desk, Wanted], Iterable[Any]] | None = None
    filters: Sequence[Filter] = ()
    search: str = ""
    advice: str = ""
    empty: tuple[str, str] = ("这里还没有内容", "")
    actions: Callable[[Desk], Sequence[tuple[str, str]]] = field(default=lambda _desk: ())
    notices: Callable[[Desk], Sequence[tuple[str, str]]] = field(default=lambda _desk: ())
    begin: Callable[[Desk], Sequence[tuple[str, str]]] = field(default=lambda _desk: ())
    done: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Its address."""
        return f"/desk/{self.key}"

    def shown(self, desk: Desk) -> list[Column]:
        """The columns this colleague has."""
        return [one for one in self.columns if not one.needs or one.needs in desk.held]


@dataclass(frozen=True)
class Asked:
    """What the address says, what it may say, and addresses of the same list with one thing
    changed.
    """

    path: str
    wanted: Wanted
    sealed: str
    choices: Sequence[tuple[Filter, Sequence[tuple[str, str]]]]

    def address(self, **changed: str) -> str:
        """The list again; anything but a page starts at its first."""
        said = {"s": self.sealed, "sort": self.wanted.sort, **self.wanted.filters, **changed}
        return f"{self.path}?{urlencode({key: value for key, value in said.items() if value})}"

    def sorted_by(self, key: str) -> str:
        """The list sorted by a column; again turns it."""
        turned = self.wanted.sort == key
        return self.address(sort=f"-{key}" if turned else key)


def serve(router: APIRouter, what: ListPage) -> None:
    """Add the routes of a list to the router of its noun (whose prefix is `/desk`)."""

    def show(request: Request) -> Response:
        with at_desk(request) as desk:
            desk.access.require_somewhere(what.needs)
            return answer(request, desk, what)

    def search(request: Request, q: Typed = "", form_key: FormKey = "") -> Response:
        with at_desk(request, form_key=form_key) as desk:
            desk.access.require_somewhere(what.needs)
            asked = _asked(request, desk, what, dict(request.query_params))
        words = one_line(q)
        sealed = words_sought.sealed(settings_of(request), words) if words else ""
        return RedirectResponse(asked.address(s=sealed), 303)

    def export(request: Request, purpose: Typed = "", form_key: FormKey = "") -> Response:
        with at_desk(request, form_key=form_key) as desk:
            desk.access.require_somewhere(what.needs)
            asked = _asked(request, desk, what, dict(request.query_params))
            return _workbook(desk, what, asked.wanted, one_line(purpose))

    router.get(f"/{what.key}")(show)
    if what.search:
        router.post(f"/{what.key}/search")(search)
    if what.everything is not None:
        router.post(f"/{what.key}/export")(export)


def answer(request: Request, desk: Desk, what: ListPage) -> Response:
    """The page of a list for somebody who may see it, as the address asks for it."""
    asked = _asked(request, desk, what, dict(request.query_params))
    listed, columns = what.rows(desk, asked.wanted), what.shown(desk)
    return page(
        request, "desk/list.html", desk=desk, here=what.key.partition("/")[0], what=what,
        asked=asked, listed=listed, columns=columns, body=_body(columns, listed.rows),
        notices=what.notices(desk),
        done=what.done.get(request.query_params.get("done", ""), ""),
    )  # fmt: skip


def _asked(request: Request, desk: Desk, what: ListPage, said: dict[str, str]) -> Asked:
    """The address read; anything it should not hold is left aside."""
    sealed = said.get("s", "") if what.search else ""
    choices = [(one, one.options(desk)) for one in what.filters]
    filters = {
        one.key: said[one.key]
        for one, options in choices
        if said.get(one.key) in {value for value, _ in options}
    }
    sorts = {column.sort for column in what.columns if column.sort}
    sort = said.get("sort", "")
    number = said.get("page", "")
    wanted = Wanted(
        words=words_sought.opened(settings_of(request), sealed) if sealed else "",
        filters=filters,
        sort=sort if sort.removeprefix("-") in sorts else "",
        page=int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
    )
    return Asked(what.path, wanted, sealed, choices)


def _body(columns: Sequence[Column], rows: Sequence[Any]) -> Markup:
    """The rows of the table."""
    made = (f"<tr>{''.join(column.cell(row) for column in columns)}</tr>\n" for row in rows)
    return Markup("".join(made))  # noqa: S704 - a cell escapes what it holds


def _workbook(desk: Desk, what: ListPage, wanted: Wanted, purpose: str) -> Response:
    """The list as a workbook; who took it, for what, and how many rows is on record."""
    if len(purpose) < PURPOSE_LENGTH:
        raise Invalid("导出前请写明用途，至少四个字")
    assert what.everything is not None
    columns = what.shown(desk)
    moment = desk.at.astimezone(clock.SHANGHAI)
    marked = f"{what.title} · {desk.staff.name} {moment:%Y-%m-%d %H:%M} 导出 · {purpose}"
    target = io.BytesIO()
    count = write_table(
        target,
        what.title,
        [
            *(ExportColumn(one.title, EXPORTED_AS.get(one.look, "text"), 16) for one in columns),
            ExportColumn(marked, "text", 4),
        ],
        ([*(one.exported(row) for one in columns), None] for row in what.everything(desk, wanted)),
    )
    audit.record(
        desk.session, f"{what.key}.export", subject="staff", subject_id=desk.staff.id,
        by=desk.access.actor, at=desk.at, rows=count, purpose=purpose, most=EXPORTED,
    )  # fmt: skip
    name = f"{what.key.replace('/', '-')}-{moment:%Y%m%d-%H%M}.xlsx"
    return Response(
        target.getvalue(),
        media_type=WORKBOOK,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def communities(*permissions: str) -> Filter:
    """The filter every list has: which community."""

    def options(desk: Desk) -> Sequence[tuple[str, str]]:
        here = desk.access.communities(desk.session, *permissions)
        return [(str(one.id), one.name) for one in here]

    return Filter("community", "小区", options)
