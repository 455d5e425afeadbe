"""Text as it reads, however JSON has written its signs."""

import re

ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")


def plain(told: str) -> str:
    r"""`\u7fe0`, quoted however often, as the sign it stands for."""
    return ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), told)
