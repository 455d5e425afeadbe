"""小区和房屋."""

from tests.gateway.web.doors.door import Door

WHOLE_COMPANY = "(rooms.edit for the whole company)"
"""A need that no role in one community fulfils."""


def room(place):
    return {"room_id": place.room.id}


def building(place):
    return {"building_id": place.room.building_id}


DOORS = [
    Door("GET", "/desk/rooms", "rooms.see"),
    Door("POST", "/desk/rooms/search", "rooms.see", form={"q": "没有这个房号"}),
    Door("POST", "/desk/rooms/export", "rooms.see", form={"purpose": "核对房屋清单"}),
    Door("GET", "/desk/rooms/new", "rooms.edit"),
    Door("POST", "/desk/rooms/new", "rooms.edit"),
    Door("GET", "/desk/rooms/places", "rooms.see"),
    Door("POST", "/desk/rooms/communities", WHOLE_COMPANY, form={"name": "新小区"}),
    Door("POST", "/desk/rooms/buildings", "rooms.edit"),
    Door("GET", "/desk/rooms/buildings/{building_id}", "rooms.edit", building),
    Door("POST", "/desk/rooms/buildings/{building_id}", "rooms.edit", building),
    Door("GET", "/desk/rooms/{room_id}", "rooms.see", room),
    Door("GET", "/desk/rooms/{room_id}/edit", "rooms.edit", room),
    Door("POST", "/desk/rooms/{room_id}/edit", "rooms.edit", room),
    Door("POST", "/desk/rooms/{room_id}/area", "rooms.edit", room),
    Door("POST", "/desk/rooms/{room_id}/vacancy", "rooms.edit", room, form={"from_on": "2026-01-01"}),
    Door("POST", "/desk/rooms/{room_id}/vacancy/{vacancy_id}/end", "rooms.edit",
         lambda place: {**room(place), "vacancy_id": place.vacancy.id}),
]  # fmt: skip
