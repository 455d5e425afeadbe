"""A warm interpreter: imports what every flow run needs once, then forks.

Importing Prefect and the flows takes seconds of CPU; a fork takes milliseconds. `server` holds the
imported modules and forks a process per request; `client` is the few lines that stand in for
`python -m MODULE` (same stdin, stdout, stderr, environment, folder, signals and exit code) and fall
back to exactly that command when no warm interpreter answers or its code is out of date.
"""
