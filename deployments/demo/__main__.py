"""`python -m deployments.demo SANDBOX_URL`: tells the story beside a running stack, whose environment
this process got; the address may be empty.

A process of its own, so that what the story needs is gone from memory when it is told. On stdout
there is one JSON object a line: {"step": sentence} as each is done, at the end {"summary": steps}
or {"refused": {"code", "message"}}.
"""

import json
import sys
from dataclasses import asdict

from deployments.demo import story
from domain.errors import BackOfficeError
from gateway.settings import settings


def tell(**what: object) -> None:
    """A line for the process that listens."""
    print(json.dumps(what, ensure_ascii=False, default=str), flush=True)


def main() -> None:
    """The whole story."""
    try:
        summary = story.run(settings(), sandbox_url=sys.argv[1] or None, say=lambda s: tell(step=s))
    except BackOfficeError as refusal:
        tell(refused={"code": refusal.code, "message": refusal.message})
    else:
        tell(summary=[asdict(step) for step in summary.steps])


if __name__ == "__main__":
    main()
