"""Makes this checkout importable in its environment and puts `wuye` there, without building."""

import sys
import sysconfig
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
COMMAND = "#!{python}\nfrom deployments.cli import main\n\nmain()\n"


def main() -> None:
    """Writes `wuye.pth` and `bin/wuye` into the environment of the running Python."""
    Path(sysconfig.get_path("purelib"), "wuye.pth").write_text(f"{PROJECT}\n")
    command = Path(sysconfig.get_path("scripts"), "wuye")
    command.write_text(COMMAND.format(python=sys.executable))
    command.chmod(0o755)


if __name__ == "__main__":
    main()
