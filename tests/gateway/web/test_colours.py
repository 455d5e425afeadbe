"""Contrast of the design tokens, in light and in dark: WCAG AA."""

import re

import pytest

from gateway.web.pages import STATIC

TEXT, EDGE = 4.5, 3.0
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "soft") for ground in ("ground", "paper", "sunken")),
    *((tone, f"{tone}-pale", TEXT) for tone in ("due", "late", "good", "busy", "quiet")),
    ("brand", "paper", TEXT), ("brand", "ground", TEXT), ("brand", "sunken", TEXT),
    ("on-brand", "brand", TEXT), ("on-brand", "brand-deep", TEXT), ("brand-deep", "brand-pale", TEXT),
    ("soft", "quiet-pale", TEXT),
    *((ink, hero, TEXT) for ink in ("on-hero", "on-hero-soft") for hero in ("hero-from", "hero-to")),
    ("edge", "paper", EDGE), ("brand", "quiet-pale", EDGE),
]  # fmt: skip


def schemes() -> dict[str, dict[str, str]]:
    css = (STATIC / "wuye.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)) for part in blocks(css))
    return {"light": light, "dark": light | dark}


def blocks(css: str) -> list[str]:
    return re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_contrast(scheme, ink, ground, least):
    tokens = schemes()[scheme]
    bright, dim = sorted((luminance(tokens[ink]), luminance(tokens[ground])), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= least
