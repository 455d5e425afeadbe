"""How it runs: the `wuye` command, the local stack, backup, containers."""
