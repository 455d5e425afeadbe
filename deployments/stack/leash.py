"""`python -I -S leash.py PARENT COMMAND...`: become COMMAND, but get SIGTERM when PARENT dies.

A script rather than a hook between fork and exec: Python code there can deadlock.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the stack is gone")
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - a list from child.py
