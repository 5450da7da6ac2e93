"""insq itself, and whether this build knows what a work needs."""

import subprocess

from works import Work


def knows(insq: str, work: Work) -> bool:
    if work.needs is None:
        return True
    asked = subprocess.run([insq, "functions", work.needs], capture_output=True)
    return asked.returncode == 0


def command(insq: str, work: Work, paths: list[str], catalog: str) -> list[str]:
    if work.name == "version":
        return [insq, "--version"]
    if work.query.startswith("SOURCE"):
        return [insq, "-o", "csv", "--catalog", catalog, work.query]
    return [insq, "-o", "csv", work.query, *paths]
