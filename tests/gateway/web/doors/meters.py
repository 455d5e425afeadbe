"""抄表."""

from tests.gateway.web.doors.door import Door


def meter(place):
    return {"meter_id": place.meter.id}


def room(place):
    return {"room_id": place.room.id}


def building(place):
    return {"building_id": place.room.building_id}


DOORS = [
    Door("GET", "/desk/meters", "meters.see"),
    Door("POST", "/desk/meters/search", "meters.see", form={"q": "没有这块表"}),
    Door("POST", "/desk/meters/export", "meters.see", form={"purpose": "核对表具清单"}),
    Door("GET", "/desk/meters/round", "meters.edit"),
    Door("GET", "/desk/meters/round/{building_id}", "meters.edit", building),
    Door("POST", "/desk/meters/round/{building_id}", "meters.edit", building,
         form=lambda place: {"meter": place.meter.id, "value": "1", "read_on": "2026-02-01"}),
    Door("GET", "/desk/meters/{meter_id}", "meters.see", meter),
    Door("POST", "/desk/meters/{meter_id}/reading", "meters.edit", meter),
    Door("GET", "/desk/rooms/{room_id}/meters/new", "meters.edit", room),
    Door("POST", "/desk/rooms/{room_id}/meters", "meters.edit", room),
    Door("POST", "/desk/meters/{meter_id}/swap", "meters.edit", meter),
]  # fmt: skip
