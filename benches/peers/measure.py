"""Costs of a command: one run of it, and the median of many."""

import os
import pathlib
import signal
import statistics
import subprocess
import sys
from dataclasses import dataclass

LAUNCHER = pathlib.Path(__file__).with_name("launcher.py")


@dataclass(frozen=True)
class Run:
    """One run. Times are in seconds, memory in MiB; of a pipeline, the memory is that of its largest process."""

    wall: float
    cpu: float
    peak: float
    status: int
    out: bytes
    err: str

    @property
    def failure(self) -> str | None:
        """What to show in place of an answer; None when there is one."""
        if self.status == 0:
            return None
        lines = [line for line in self.err.splitlines() if line.strip()]
        return f"exit {self.status}: {lines[-1].strip()[:160] if lines else 'no message'}"


@dataclass(frozen=True)
class Cost:
    wall: float
    cpu: float
    peak: float
    fastest: float
    slowest: float


def run(command: list[str], scratch: pathlib.Path, environment: dict[str, str], timeout: float) -> Run:
    out, err = scratch / "out", scratch / "err"
    launch = [sys.executable, "-I", "-S", str(LAUNCHER), str(out), str(err), *command]
    # A session of its own, so that the end of time takes whole pipelines with it.
    launcher = subprocess.Popen(launch, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True)
    try:
        told, complaint = launcher.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(launcher.pid, signal.SIGKILL)
        launcher.communicate()
        return Run(timeout, 0.0, 0.0, -signal.SIGKILL, b"", f"not done after {timeout:.0f} s")
    if launcher.returncode != 0:
        return Run(0.0, 0.0, 0.0, 127, b"", complaint.decode(errors="replace"))
    wall, user, system, kib, status = told.split()
    return Run(
        wall=float(wall),
        cpu=float(user) + float(system),
        peak=int(kib) / 1024,
        status=int(status),
        out=out.read_bytes(),
        err=err.read_text(errors="replace"),
    )


def medians(runs: list[Run]) -> Cost:
    walls = [one.wall for one in runs]
    return Cost(
        wall=statistics.median(walls),
        cpu=statistics.median(one.cpu for one in runs),
        peak=statistics.median(one.peak for one in runs),
        fastest=min(walls),
        slowest=max(walls),
    )
