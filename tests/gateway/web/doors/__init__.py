"""Every route of the gateway and who may come in. A new route without a door fails the matrix."""

from tests.gateway.web.doors import (
    act,
    audit,
    billing,
    company,
    counter,
    fees,
    login,
    meters,
    people,
    roles,
    rooms,
    staff,
    wecom,
)

DOORS = [
    *act.DOORS,
    *audit.DOORS,
    *billing.DOORS,
    *company.DOORS,
    *counter.DOORS,
    *fees.DOORS,
    *login.DOORS,
    *meters.DOORS,
    *people.DOORS,
    *roles.DOORS,
    *rooms.DOORS,
    *staff.DOORS,
    *wecom.DOORS,
]
