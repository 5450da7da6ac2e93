"""How the costs of insq grow: with bytes, threads, files, groups and fields."""

import csv
import io
import json
import os
import pathlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import growth_corpus
import measure
from corpus import Corpus, Shape
from tools import Tools
from works import HEADLINE

REPORTS = 'filter @type = "REPORT" | stats count(*)'
REQUESTS = "stats count(*) as n by @requestId | stats sum(n)"
BY_KEY = 'parse @message "key=*" as key | stats count(*) as n by key | stats count(*), sum(n), max(n)'
BY_FIELD = 'filter level = "ERROR" | stats count(*), avg(last) by bin(1h)'
GROUP_EVENTS = 10_000_000
BY_REQUEST = "stats count(*) as n by @requestId | stats count(*), sum(n), max(n)"
REQUEST_COUNTS = [10_000, 100_000, 1_000_000, 10_000_000]
GROUPS = [1000, 100_000, 1_000_000, 10_000_000]
FILES = [1, 100, 1000, 10_000, 100_000]
SCATTERED = "100MB"
FIELDS = [4, 16, 64, 256, 1024]
WIDE_BYTES = 100_000_000
# Enough for every point, so that the peak is what a query needs.
MEMORY = ["--memory-limit", "16GiB"]
# Far too little for ten million groups, which then go to files.
LITTLE_MEMORY = ["--memory-limit", "100MB"]


@dataclass(frozen=True)
class Point:
    series: str
    label: str
    command: list[str]
    bytes: int
    events: int
    # The cells of the answer; None where the answer is not known beforehand.
    answer: list[str] | None


@dataclass(frozen=True)
class Measured:
    point: Point
    cost: measure.Cost | None
    failure: str | None
    load: float


def truth(folder: pathlib.Path) -> dict:
    return json.loads(folder.with_name(folder.name + ".truth.json").read_text())


def size_of(paths: list[str]) -> int:
    return sum(pathlib.Path(path).stat().st_size for path in paths)


def sizes(corpora: list[Corpus], insq: str, threads: list[int]) -> Iterator[Point]:
    for corpus in corpora:
        paths = corpus.paths("many")
        known = truth(corpus.folder / "many")
        total = size_of(paths)
        for count in threads:
            for series, query, answer in [
                ("headline query", HEADLINE, None),
                ("reports counted", REPORTS, [str(known["reports"])]),
                ("grouped by request, all groups kept", REQUESTS, [str(known["events"])]),
            ]:
                command = [insq, "-o", "csv", "--threads", str(count), *MEMORY, query, *paths]
                label = f"{corpus.shape.bytes}, {count} thread{'s' if count > 1 else ''}"
                yield Point(f"Bytes and threads: {series}", label, command, total, known["events"], answer)


def files(corpus: Corpus, folder: pathlib.Path, insq: str) -> Iterator[Point]:
    one = pathlib.Path(corpus.paths("one")[0])
    known = truth(corpus.folder / "one")
    # Whole events, so that those of several lines stay together.
    lines: list[str] = []
    with open(one, encoding="utf-8", newline="") as log:
        for line in log:
            if line.startswith("20") and line[23:25] == "Z ":
                lines.append(line)
            else:
                lines[-1] += line
    for count in FILES:
        place = folder / f"files-{count}"
        growth_corpus.scattered(place, lines, count)
        command = [insq, "-o", "csv", REPORTS, str(place)]
        yield Point("Files", f"{count:,}", command, one.stat().st_size, known["events"], [str(known["reports"])])


def groups(folder: pathlib.Path, insq: str) -> Iterator[Point]:
    for count in GROUPS:
        path = folder / f"groups-{count}.log"
        growth_corpus.groups(path, GROUP_EVENTS, count)
        command = [insq, "-o", "csv", *MEMORY, BY_KEY, str(path)]
        answer = [str(count), str(GROUP_EVENTS), str(GROUP_EVENTS // count)]
        yield Point("Groups", f"{count:,}", command, path.stat().st_size, GROUP_EVENTS, answer)


def requests(folder: pathlib.Path, insq: str) -> Iterator[Point]:
    for count in REQUEST_COUNTS:
        path = folder / f"requests-{count}.log"
        growth_corpus.requests(path, count)
        for label, memory in [(f"{count:,}", MEMORY), (f"{count:,}, within 100 MB", LITTLE_MEMORY)]:
            command = [insq, "-o", "csv", *memory, BY_REQUEST, str(path)]
            yield Point("Requests", label, command, path.stat().st_size, count, [str(count), str(count), "1"])


def fields(folder: pathlib.Path, insq: str) -> Iterator[Point]:
    for count in FIELDS:
        path = folder / f"fields-{count}.jsonl"
        events = growth_corpus.wide_json(path, WIDE_BYTES, count)
        errors = [at % 100 for at in range(0, events, 50)]
        mean = sum(errors) / len(errors)
        answer = ["2026-03-10 09:00:00.000", str(len(errors)), f"{mean:.17g}" if mean % 1 else str(int(mean))]
        yield Point("Fields of JSON events", f"{count:,}", [insq, "-o", "csv", BY_FIELD, str(path)], path.stat().st_size, events, answer)


def agrees(answer: list[str] | None, out: bytes) -> bool:
    if answer is None:
        return True
    found = list(csv.reader(io.StringIO(out.decode())))[1:]
    if len(found) != 1 or len(found[0]) != len(answer):
        return False
    return all(cell == wanted or as_number(cell) == as_number(wanted) is not None for cell, wanted in zip(found[0], answer))


def as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def measured(points: list[Point], rounds: int, timeout: float, scratch: pathlib.Path) -> list[Measured]:
    """Point after point in every round, so that noise meets all of them."""
    runs: list[list[measure.Run]] = [[] for _ in points]
    failures: list[str | None] = [None] * len(points)
    # The first round warms the cache and is checked, not counted.
    for turn in range(rounds + 1):
        for number, point in enumerate(points):
            if failures[number]:
                continue
            run = measure.run(point.command, scratch, dict(os.environ), timeout)
            failures[number] = run.failure
            if run.failure is None and not agrees(point.answer, run.out):
                failures[number] = f"**wrong**: {run.out.decode()!r} instead of {point.answer}"
            if failures[number]:
                print(f"{point.series}, {point.label}: {failures[number]}", file=sys.stderr)
            elif turn:
                runs[number].append(run)
    load = os.getloadavg()[0]
    costs = [measure.medians(own) if own and not failure else None for own, failure in zip(runs, failures)]
    return [Measured(*parts, load) for parts in zip(points, costs, failures)]


def grow(folder: pathlib.Path, tools: Tools, wanted: list[str], seed: int, rounds: int, timeout: float) -> Iterator[list[Measured]]:
    """One series after the other."""
    insq = str(tools.insq)
    own = folder / "growth"
    scratch = folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)

    def corpus(size: str) -> Corpus:
        return Corpus(folder / "corpus", Shape(size, 4, seed), tools.insq, tools.generator)

    threads = list(range(1, len(os.sched_getaffinity(0)) + 1))
    makers = [
        lambda: sizes([corpus(size) for size in wanted], insq, threads),
        lambda: files(corpus(SCATTERED), own, insq),
        lambda: groups(own, insq),
        lambda: requests(own, insq),
        lambda: fields(own, insq),
    ]
    for make in makers:
        yield measured(list(make()), rounds, timeout, scratch)
