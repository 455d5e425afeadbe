"""Every route of the gateway and who may come in. A new route without a door fails the matrix."""

from tests.gateway.web.doors import act, billing, company, counter, login, people, rooms, wecom

DOORS = [
    *act.DOORS,
    *billing.DOORS,
    *company.DOORS,
    *counter.DOORS,
    *login.DOORS,
    *people.DOORS,
    *rooms.DOORS,
    *wecom.DOORS,
]
