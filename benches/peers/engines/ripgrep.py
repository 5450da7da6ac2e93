"""ripgrep: the search alone, which is the least that any engine has to do. No answer, but a baseline."""

WORKS = {
    "headline": ["-c", "REPORT RequestId"],
    "headline-one": ["-c", "REPORT RequestId"],
    "errors": ["-c", "ERROR"],
}


def command(rg: str, work: str, paths: list[str]) -> list[str] | None:
    return [rg, *WORKS[work], *paths] if work in WORKS else None
