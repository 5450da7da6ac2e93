"""Writes docs/benchmarks.md: what was measured, on what, and how far it can be trusted."""

import pathlib
from collections.abc import Callable
from dataclasses import dataclass

from contest import OURS, Entry, Result
from measure import Cost
from works import WORKS, Work


@dataclass(frozen=True)
class About:
    """The conditions of a run."""

    day: str
    machine: dict[str, str]
    versions: dict[str, str]
    missing: dict[str, str]
    bytes: str
    files: int
    rounds: int


def seconds(value: float) -> str:
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def ratio(value: float, base: float) -> str:
    return f"{value / base:.2g}" if value < base * 99.5 else f"{value / base:.0f}"


def mark(begin: bool, part: str) -> str:
    return f"<!-- {part}: {'begin' if begin else 'end'} -->"


def put(path: pathlib.Path, part: str, text: str) -> None:
    """Replaces one part of the document and leaves the others as they are."""
    whole = path.read_text() if path.exists() else "# Benchmarks\n"
    block = f"{mark(True, part)}\n{text.strip()}\n{mark(False, part)}\n"
    begin, end = whole.find(mark(True, part)), whole.find(mark(False, part))
    if begin < 0:
        whole = whole.rstrip() + "\n\n" + block
    else:
        whole = whole[:begin] + block + whole[end + len(mark(False, part)) :].lstrip("\n")
    path.write_text(whole)


def conditions(about: About, results: list[Result]) -> list[str]:
    loads = [load for result in results for load in (result.load_before, result.load_after)]
    lines = [
        "## Against other engines",
        "",
        "Made by `python3 benches/peers/run.py`; see [benches/README.md](../benches/README.md). Every number is of a whole",
        f"process, median of {about.rounds} runs that took turns with those of the other engines, files in memory, threads as each",
        "engine chooses them. `CPU` is user and system time together. `peak` is the largest resident memory of one process;",
        "below about 9 MiB it can't be read. `query` is without the start of Python, where an engine is a module of it.",
        "`×` is how many times insq's; a row above insq with less than 1 is one that insq loses.",
        "",
        f"The load of the machine was {min(loads):.1f} to {max(loads):.1f} (average of one minute; the measured runs themselves add up",
        "to as much as there are cores). With more load than cores, runs wait for each other: then wall times say little, and",
        "CPU times are the ones to compare.",
        "",
        "| | |",
        "|---|---|",
        f"| day | {about.day} |",
        *(f"| {name} | {value} |" for name, value in about.machine.items()),
        f"| corpus | `insq-generate --profile mixed`, {about.bytes} in {about.files} files unless said |",
        *(f"| {name} | {version} |" for name, version in about.versions.items()),
        *(f"| {name} | {reason} |" for name, reason in about.missing.items()),
        "",
        "Answers are compared before anything is timed. Counts, maxima, texts and times must be equal; means may differ by 1 in",
        "10^9, and products in the last digit. The percentile is the nearest rank in every engine: DuckDB's `quantile_disc` is",
        "that; in the others the rank is taken out of the sorted values, since what they bring is another definition (or, in",
        "DataFusion, approximate). Where a `limit` cuts through rows of equal rank, any of these is right.",
    ]
    return lines


def overview(results: list[Result], measure: str, of: Callable[[Cost], float]) -> list[str]:
    names: list[str] = []
    for result in results:
        names += [entry.name for entry in result.entries if not entry.baseline and entry.name not in names]
    engines = [name for name in names if "mawk" not in name]
    heads = [*engines, "shell", "search or unpacking alone"]
    lines = [f"### {measure} at a glance, in seconds", "", f"| work | {' | '.join(heads)} |", "|---|" + "--:|" * len(heads)]
    for result in results:
        answers = [entry for entry in result.entries if not entry.baseline]
        found = {("shell" if "mawk" in entry.name else entry.name): entry for entry in answers}
        fastest = min((of(entry.cost) for entry in answers if entry.cost and not entry.wrong), default=0.0)
        cells = [glance(found.get(name), fastest, of) for name in [*engines, "shell"]]
        cells.append(glance(next((entry for entry in result.entries if entry.baseline), None), 0.0, of))
        lines.append(f"| {title(result.work)} | " + " | ".join(cells) + " |")
    return [*lines, "", "The best answer is bold. `shell` is ripgrep with mawk, jq and sort.", ""]


def glance(entry: Entry | None, fastest: float, of: Callable[[Cost], float]) -> str:
    if entry is None:
        return ""
    if entry.cost is None:
        return "not in this build" if entry.failure == "not in this build" else "failed"
    text = seconds(of(entry.cost))
    if entry.wrong:
        return f"{text} (wrong)"
    return f"**{text}**" if of(entry.cost) == fastest else text


def work_of(name: str) -> Work:
    return next(work for work in WORKS if work.name == name)


def title(name: str) -> str:
    return work_of(name).title


def one(result: Result) -> list[str]:
    work = work_of(result.work)
    lines = [f"### {work.title}", ""]
    if work.query:
        lines += ["```text", work.query, "```", ""]
    if result.bytes >= 1e5:
        lines += [f"{result.bytes / 1e6:,.0f} MB; load {result.load_before:.1f} before and {result.load_after:.1f} after{behind(result)}.", ""]
    lines += ["| engine | wall, s | × | CPU, s | × | peak, MiB | × | query, s | answer |", "|---|--:|--:|--:|--:|--:|--:|--:|---|"]
    base = next((entry.cost for entry in result.entries if entry.name == OURS), None)
    ordered = sorted(result.entries, key=lambda entry: (entry.baseline, entry.cost.wall if entry.cost else float("inf")))
    return [*lines, *(row(entry, base) for entry in ordered), ""]


def behind(result: Result) -> str:
    return f"; the runs stood back behind other work (`nice` {result.nice})" if result.nice else ""


def row(entry: Entry, base: Cost | None) -> str:
    if entry.cost is None:
        return f"| {entry.name} | | | | | | | | {(entry.failure or '').replace('|', '/')} |"
    cost = entry.cost
    pairs = [(cost.wall, base and base.wall), (cost.cpu, base and base.cpu), (cost.peak, base and base.peak)]
    shown = [seconds(cost.wall), seconds(cost.cpu), f"{cost.peak:.0f}"]
    cells = [f"{text} | {ratio(value, ours) if ours else ''}" for text, (value, ours) in zip(shown, pairs)]
    query = seconds(entry.query) if entry.query is not None else ""
    return f"| {entry.name} | {' | '.join(cells)} | {query} | {answer(entry)} |"


def answer(entry: Entry) -> str:
    if entry.baseline:
        return "a baseline"
    if entry.wrong:
        return f"**wrong**: {entry.wrong}".replace("|", "/")
    return "" if entry.rows is None else f"equal, {entry.rows:,} rows"


def peers(path: pathlib.Path, about: About, results: list[Result]) -> None:
    lines = [*conditions(about, results), ""]
    lines += overview(results, "CPU time", lambda cost: cost.cpu) + overview(results, "Wall time", lambda cost: cost.wall)
    for result in results:
        lines += one(result)
    put(path, "peers", "\n".join(lines))
