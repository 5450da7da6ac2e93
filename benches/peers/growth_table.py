"""The part of docs/benchmarks.md that tells how the costs of insq grow."""

import pathlib
from itertools import groupby

from growth import BY_FIELD, BY_KEY, BY_REQUEST, REPORTS, REQUESTS, Measured
from table import About, put, seconds
from works import HEADLINE

QUERIES = {
    "Bytes and threads: headline query": HEADLINE,
    "Bytes and threads: reports counted": REPORTS,
    "Bytes and threads: grouped by request, all groups kept": REQUESTS,
    "Files": REPORTS,
    "Groups": BY_KEY,
    "Requests": BY_REQUEST,
    "Fields of JSON events": BY_FIELD,
}
REMARKS = {
    "Files": "The same 100 MB of log in ever more files; opening them is part of the time.",
    "Groups": "Ten million events of one file, with ever more different keys.",
    "Requests": "One REPORT line of each request, in one file. What does not fit into 100 MB goes to files.",
    "Fields of JSON events": "The same 100 MB of JSON lines, of which two fields are asked, the first and the last, and the time.",
}


def write(path: pathlib.Path, about: About, results: list[Measured]) -> None:
    loads = [result.load for result in results]
    lines = [
        "## How insq grows",
        "",
        f"Made by `python3 benches/peers/run.py --growth` on {about.day}: {about.machine['processor']}, {about.machine['memory']},",
        f"{about.versions['insq']}. Whole processes, median of {about.rounds} runs, the points of a series in turns, files in memory,",
        f"load {min(loads):.1f} to {max(loads):.1f}. Where the answer is known beforehand (all but the headline query), it is checked.",
        "",
    ]
    order = list(QUERIES)
    for series, rows in groupby(sorted(results, key=lambda one: order.index(one.point.series)), key=lambda one: one.point.series):
        lines += [f"### {series}", ""]
        if series in REMARKS:
            lines += [REMARKS[series], ""]
        lines += ["```text", QUERIES[series], "```", ""]
        lines += ["| | MB | events | wall, s | CPU, s | MB per CPU second | ns of CPU per event | peak, MiB |", "|---|--:|--:|--:|--:|--:|--:|--:|"]
        lines += [*map(row, rows), ""]
    put(path, "growth", "\n".join(lines))


def row(result: Measured) -> str:
    point, cost = result.point, result.cost
    start = f"| {point.label} | {point.bytes / 1e6:,.0f} | {point.events:,} |"
    if cost is None:
        return f"{start} {(result.failure or '').replace('|', '/')} | | | | |"
    rate, each = point.bytes / 1e6 / cost.cpu, cost.cpu * 1e9 / point.events
    return f"{start} {seconds(cost.wall)} | {seconds(cost.cpu)} | {rate:,.0f} | {each:,.0f} | {cost.peak:,.0f} |"
