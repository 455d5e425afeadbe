"""WeCom's own door."""

from tests.gateway.web.doors.door import ANYBODY, Door

DOORS = [
    Door("GET", "/wecom/callback", ANYBODY),
    Door("POST", "/wecom/callback", ANYBODY),
]
