"""Friendships that end and begin, told to whom it concerns."""

import secrets

from gateway.sandbox import pressing
from gateway.sandbox.box import Box
from gateway.sandbox.callbacks.telling import tell_customers


def unfriend(box: Box, who: str, *, userid: str | None, by_staff: bool) -> None:
    """del_follow_user when the customer left, del_external_contact when the member did."""
    change = "del_external_contact" if by_staff else "del_follow_user"
    for member in pressing.unfriend(box, who, userid=userid, by_staff=by_staff):
        tell(box, change, member, who)


def refriend(box: Box, who: str, *, userid: str | None) -> None:
    """add_external_contact, with a welcome code as a new customer has."""
    for member in pressing.refriend(box, who, userid=userid):
        tell(box, "add_external_contact", member, who, WelcomeCode=secrets.token_urlsafe(24))


def tell(box: Box, change: str, userid: str, who: str, **more: str) -> None:
    """One change_external_contact."""
    facts = {"Event": "change_external_contact", "ChangeType": change}
    tell_customers(box, {**facts, "UserID": userid, "ExternalUserID": who, **more})
