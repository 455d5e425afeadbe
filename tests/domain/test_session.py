"""The session edge knows every table, in whatever process it is used."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
ASK = """
import domain.session
from domain.base import Base
names = [table.name for table in Base.metadata.sorted_tables]
print("person" in names and "payment" in names)
"""


def test_a_fresh_process_can_follow_every_foreign_key() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"
