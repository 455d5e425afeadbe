"""docs/screenshots.md names tests that are there and pictures they take."""

import pytest

from tests.architecture.source import ROOT

PAGE = ROOT / "docs" / "screenshots.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "`" in line
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_pictures_of_a_proof_are_taken_where_it_says(row):
    _, test, pictures = row
    source = (ROOT / test.strip("`")).read_text(encoding="utf-8")
    for name in pictures.split(", "):
        assert name.strip("`") in source
