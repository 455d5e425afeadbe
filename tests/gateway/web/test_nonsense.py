"""Whatever somebody types or puts into an address, it is answered: never a crash."""

from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from tests.gateway.web.conftest import Browser
from tests.gateway.web.doors import DOORS
from tests.gateway.web.doors.door import NOBODY
from tests.gateway.web.test_doors import colleagues, places  # noqa: F401 - fixtures

NONSENSE = ("\x00'\";--\u202e<b>", "９" * 30)


def asked(app) -> dict[str, tuple[list[str], list[str]]]:
    """`METHOD /path` -> names of its form fields and of what it reads from the address."""
    found = {}
    for route in every(app.router):
        forms, query, waiting = [], [], [route.dependant]
        while waiting:
            one = waiting.pop()
            waiting += one.dependencies
            forms += [field.alias for field in one.body_params]
            query += [field.alias for field in one.query_params]
        for method in route.methods:
            found[f"{method} {route.path}"] = (forms, query)
    return found


def every(router) -> list[APIRoute]:
    inner = [one.original_router for one in router.routes if hasattr(one, "original_router")]
    own = [one for one in router.routes if isinstance(one, APIRoute)]
    return own + [route for one in inner for route in every(one)]


@pytest.mark.parametrize("said", NONSENSE, ids=range(len(NONSENSE)))
def test_nothing_typed_breaks_a_page(app, config, places, colleagues, said):  # noqa: F811
    browser = Browser(app, config).sign_in(colleagues["admin"])
    takes, broken = asked(app), []
    for door in DOORS:
        if door.last or door.path.startswith("/desk/login"):
            continue
        forms, query = takes[door.named]
        address = door.address(places[0]) if door.at or "{" not in door.path else None
        for path in [address] if address else []:
            sent = {"form_key": browser.form_key} | {n: said for n in forms if n != "form_key"}
            filters = dict.fromkeys((*query, "s", "sort", "page", "community", "status"), said)
            answer = (
                browser.http.get(path, params=filters)
                if door.method == "GET"
                else browser.http.post(path, data=sent, params={"s": said, "sort": said})
            )
            if answer.status_code >= 500:
                broken.append(f"{door.named}: {answer.status_code}")
    assert not broken, "\n".join(broken)


def test_no_address_breaks_a_page(app, config, places, colleagues):  # noqa: F811
    browser = Browser(app, config).sign_in(colleagues["admin"])
    broken = []
    for door in DOORS:
        if "{" not in door.path or door.need == NOBODY:
            continue
        for said in ("9" * 30, "%00", quote("'；--")):
            parts = [said if part.startswith("{") else part for part in door.path.split("/")]
            answer = browser.http.request(
                door.method, "/".join(parts), data={"form_key": browser.form_key}
            )
            if answer.status_code >= 500 or answer.status_code == 200:
                broken.append(f"{door.named} with {said}: {answer.status_code}")
    assert not broken, "\n".join(broken)
