"""Becomes the command it is given, after asking the kernel to end it when its parent dies.

Run as a file, ``python -I -S ops/launch.py PARENT_PID COMMAND...``: it replaces itself, so no process is added, and
nothing has to run between fork and exec of a parent that may have threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main() -> None:
    """Tie this process to its parent and turn into the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the request was made
            os._exit(1)
    os.execvp(command[0], command)  # noqa: S606 - becoming another program is the point


if __name__ == "__main__":
    main()
