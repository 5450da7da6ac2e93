"""Runs one command and prints what it cost: wall, user and system seconds, peak KiB, exit status.

Linux hands the peak memory of a process on to what it executes, so whatever starts a command sets the lowest peak that
can be read from it. Therefore this file imports next to nothing: `python3 -I -S launcher.py OUT ERR COMMAND…`.
"""

import posix
import sys
import time


def main() -> None:
    out, err, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    write = posix.O_WRONLY | posix.O_CREAT | posix.O_TRUNC
    actions = [
        (posix.POSIX_SPAWN_OPEN, 0, "/dev/null", posix.O_RDONLY, 0),
        (posix.POSIX_SPAWN_OPEN, 1, out, write, 0o644),
        (posix.POSIX_SPAWN_OPEN, 2, err, write, 0o644),
    ]
    begin = time.perf_counter()
    child = posix.posix_spawnp(command[0], command, posix.environ, file_actions=actions)
    _, status, usage = posix.wait4(child, 0)
    wall = time.perf_counter() - begin
    print(wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss, posix.waitstatus_to_exitcode(status))


main()
