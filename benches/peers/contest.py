"""Asks every work of every engine: once to compare the answers, then in turns to measure."""

import csv
import io
import json
import os
import pathlib
import re
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import compare
import measure
from corpus import Corpus
from engines import igzip, insq, jq, mawk, ripgrep
from tools import HERE, MODULES, Tools
from works import Work

OURS = "insq"
SECONDS = re.compile(r"query seconds: ([0-9.]+)")


@dataclass(frozen=True)
class Entrant:
    name: str
    command: list[str]
    # None for a baseline, which gives no answer.
    read: Callable[[bytes], list[list[object]]] | None
    # What the program that it needs is called in Tools.missing.
    program: str


@dataclass
class Entry:
    """What the document says of one engine and work."""

    name: str
    baseline: bool = False
    # Why there is no time; or, with a time, what is wrong with the answer.
    failure: str | None = None
    wrong: str | None = None
    cost: measure.Cost | None = None
    # Without the start of Python; for engines that are Python modules.
    query: float | None = None
    # Of the answer.
    rows: int | None = None


@dataclass
class Result:
    work: str
    bytes: int
    load_before: float
    load_after: float
    entries: list[Entry] = field(default_factory=list)
    # How far the runs stood back behind others (`nice`); others may change it while they run.
    nice: int = 0

    def plain(self) -> dict:
        return asdict(self)

    @staticmethod
    def of(plain: dict) -> "Result":
        entries = [Entry(**{**one, "cost": one["cost"] and measure.Cost(**one["cost"])}) for one in plain["entries"]]
        return Result(**{**plain, "entries": entries})


def separated(out: bytes) -> list[list[object]]:
    return [line.split("\t") for line in out.decode().splitlines()]


def csv_rows(out: bytes) -> list[list[object]]:
    return list(csv.reader(io.StringIO(out.decode())))[1:]


def entrants(work: Work, corpus: Corpus, tools: Tools) -> list[Entrant]:
    paths = corpus.paths(work.corpus)
    catalog = corpus.catalog() if work.query.startswith("SOURCE") else ""
    found = [Entrant(OURS, insq.command(str(tools.insq), work, paths, catalog), csv_rows, OURS)]
    for module in MODULES:
        child = [str(tools.python), "-m", "engines.child", module, work.name, *paths]
        found.append(Entrant(module, child, json.loads, module))
    if pipeline := mawk.command(work.name, paths):
        name = "mawk" if work.name in mawk.ALONE else "rg, mawk, sort"
        found.append(Entrant(name, pipeline, separated, "mawk"))
    if pipeline := jq.command(work.name, paths):
        found.append(Entrant("rg, jq, mawk", pipeline, separated, "jq"))
    if baseline := ripgrep.command(tools.rg or "rg", work.name, paths):
        found.append(Entrant(f"`rg -c '{baseline[2]}'`", baseline, None, "ripgrep"))
    if baseline := igzip.command("igzip", work.name, paths):
        found.append(Entrant("`igzip -dc`", baseline, None, "igzip"))
    return found


def environment(tools: Tools) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE), "RG": tools.rg or "rg"}


def contest(work: Work, corpus: Corpus, tools: Tools, rounds: int, timeout: float, scratch: pathlib.Path) -> Result:
    result = Result(work.name, corpus.size(work.corpus), os.getloadavg()[0], 0.0)
    surroundings = environment(tools)
    answers: dict[str, list[compare.Row]] = {}
    running: list[tuple[Entrant, Entry]] = []
    for entrant in entrants(work, corpus, tools):
        entry = Entry(entrant.name, baseline=entrant.read is None)
        result.entries.append(entry)
        if entrant.name == OURS and not insq.knows(str(tools.insq), work):
            entry.failure = "not in this build"
        elif entrant.program in tools.missing:
            entry.failure = tools.missing[entrant.program]
        else:
            # This run warms the cache and is not counted.
            first = measure.run(entrant.command, scratch, surroundings, timeout)
            entry.failure = first.failure
            if entry.failure is None and entrant.read is not None and work.name != "version":
                try:
                    answers[entrant.name] = compare.rows(entrant.read(first.out))
                except ValueError as error:
                    entry.failure = f"unreadable answer: {error}"
        if entry.failure is None:
            running.append((entrant, entry))
        else:
            print(f"{work.name}: {entry.name}: {entry.failure}", file=sys.stderr)

    wrong = compare.verdicts(work, answers, OURS) if answers else {}
    for _, entry in running:
        entry.wrong = wrong.get(entry.name)
        entry.rows = len(answers[entry.name]) if entry.name in answers else None
        if entry.wrong:
            print(f"{work.name}: {entry.name} is wrong: {entry.wrong}", file=sys.stderr)

    runs: dict[str, list[measure.Run]] = {entry.name: [] for _, entry in running}
    for _ in range(rounds):
        for entrant, entry in running:
            runs[entry.name].append(measure.run(entrant.command, scratch, surroundings, timeout))
    for _, entry in running:
        failed = [one.failure for one in runs[entry.name] if one.failure]
        if failed:
            entry.failure = failed[0]
        else:
            entry.cost = measure.medians(runs[entry.name])
            inside = [float(found[1]) for one in runs[entry.name] if (found := SECONDS.search(one.err))]
            entry.query = statistics.median(inside) if inside and work.name != "version" else None
    result.load_after = os.getloadavg()[0]
    result.nice = os.getpriority(os.PRIO_PROCESS, 0)
    return result
