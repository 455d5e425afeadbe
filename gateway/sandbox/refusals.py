"""Why a lever or a button does nothing; each carries a Chinese sentence."""


class Unknown(Exception):
    """No such person or task; a Chinese sentence."""


class Refused(Exception):
    """There, but it cannot be done now; a Chinese sentence."""


class SeedRefused(Exception):
    """What was sent contradicts itself or what is there, or is no JSON; a Chinese sentence."""
