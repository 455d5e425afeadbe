"""Every route of the gateway and who may come in. A new route without a door fails the matrix."""

from tests.gateway.web.doors import counter, login, people, wecom

DOORS = [*counter.DOORS, *login.DOORS, *people.DOORS, *wecom.DOORS]
