"""`python -m deployments.cli` is `wuye`."""

from deployments.cli import main

main()
