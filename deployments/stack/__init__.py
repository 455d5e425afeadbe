"""The local stack: PostgreSQL, Prefect, worker, gateway and sandbox under one command.

For other commands: `running(home)` tells whether a stack is up and where; `prefect_api(settings)`
is its Prefect API, or a server for the duration; `database.ensure_database(settings)` our database.
"""

from deployments.stack.brief import prefect_api
from deployments.stack.home import StackInfo, running

__all__ = ["StackInfo", "prefect_api", "running"]
