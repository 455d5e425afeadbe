"""The `wuye` command. Nothing heavy is imported until the sub-command that needs it is named."""

import sys

from deployments.cli.run import run


def main() -> None:
    """Entry point: exit code 0, 2 for a refusal or wrong usage, 1 for a check that found a breach.

    Anything else is a bug and crashes with its trace.
    """
    sys.exit(run(sys.argv[1:]))
