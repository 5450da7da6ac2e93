"""What many queries cost in one pass over the same logs, beside each of them alone."""

import os
import pathlib
import sys
from dataclasses import dataclass

import measure
from corpus import Corpus
from table import About, put, ratio, seconds
from tools import ROOT, Tools
from works import WORKS

READY_MADE = [
    "billed-gb-seconds",
    "busiest-seconds",
    "cold-start-share",
    "errors-over-time",
    "headline",
    "latency-percentiles",
    "levels",
    "slowest-invocations",
    "timeouts",
    "user-activity",
]
MEASURED_ALONE = ["headline", "errors", "parse", "json", "concurrency", "slowest", "requests"]
MORE = {
    "reports": 'filter @type = "REPORT" | stats count(*)',
    "volume": "stats count(*), sum(strlen(@message)) by bin(1m)",
    "kinds": "stats count(*), min(@timestamp), max(@timestamp) by @type",
}


def query_sets() -> dict[str, dict[str, str]]:
    """Ten queries each, by their names."""
    ready_made = {name: (ROOT / "queries" / f"{name}.insq").read_text() for name in READY_MADE}
    measured = {work.name: work.query for work in WORKS if work.name in MEASURED_ALONE}
    return {"Ready-made queries": ready_made, "Queries of the tables above, and three more": measured | MORE}


@dataclass(frozen=True)
class Together:
    """Costs of each query of a set alone, and of all in one pass."""

    title: str
    alone: dict[str, measure.Cost]
    batch: measure.Cost
    load: float


def run_together(
    title: str, queries: dict[str, str], corpus: Corpus, tools: Tools, rounds: int, timeout: float, folder: pathlib.Path
) -> Together:
    """Measures in turns. Every answer of the pass must be equal to that of the query alone, to the byte."""
    paths = corpus.paths("many")
    results = folder / "together"
    files = {name: str(folder / f"{name}.insq") for name in queries}
    for name, query in queries.items():
        pathlib.Path(files[name]).write_text(query)
    insq = str(tools.insq)
    batch = [insq, "batch", "-o", str(results / "{name}.csv"), *(part for file in files.values() for part in ("-f", file)), *paths]
    runs: dict[str, list[measure.Run]] = {name: [] for name in [*queries, "batch"]}
    # The first round warms the cache and is compared, not counted.
    for turn in range(rounds + 1):
        answers = {}
        for name, file in files.items():
            run = checked(measure.run([insq, "-o", "csv", "-f", file, *paths], folder, dict(os.environ), timeout), name)
            runs[name] += [run] if turn else []
            answers[name] = run.out
        run = checked(measure.run(batch, folder, dict(os.environ), timeout), "batch")
        runs["batch"] += [run] if turn else []
        for name, answer in answers.items():
            if (results / f"{name}.csv").read_bytes() != answer:
                sys.exit(f"{name}: another answer in one pass than alone")
    costs = {name: measure.medians(own) for name, own in runs.items()}
    return Together(title, {name: costs[name] for name in queries}, costs["batch"], os.getloadavg()[0])


def checked(run: measure.Run, name: str) -> measure.Run:
    if run.failure:
        sys.exit(f"{name}: {run.failure}")
    return run


def write(path: pathlib.Path, about: About, results: list[Together]) -> None:
    lines = [
        "## Many queries in one pass",
        "",
        f"Made by `python3 benches/peers/run.py --together` on {about.day}: {about.machine['processor']}, {about.machine['memory']},",
        f"{about.versions['insq']}. Ten queries over {about.bytes} in {about.files} files, each alone, and all of them with `insq batch`; medians of",
        f"{about.rounds} runs in turns. Every answer is equal to the byte. How much a pass saves depends on what queries have in common:",
        "those that look at the same events share the search for them and every field; what each computes is its own.",
    ]
    for result in results:
        lines += ["", *section(result)]
    put(path, "together", "\n".join(lines))


def section(result: Together) -> list[str]:
    alone, batch = result.alone, result.batch
    dearest = max(alone.values(), key=lambda cost: cost.cpu)
    wall, cpu = sum(cost.wall for cost in alone.values()), sum(cost.cpu for cost in alone.values())
    return [
        f"### {result.title}",
        "",
        f"The pass takes {ratio(batch.cpu, dearest.cpu)} times the CPU of the dearest query alone, and {ratio(batch.cpu, cpu)} times that of all of them one after",
        f"the other. Load {result.load:.1f}.",
        "",
        "| | wall, s | CPU, s | peak, MiB |",
        "|---|--:|--:|--:|",
        *(row(name, cost) for name, cost in sorted(alone.items(), key=lambda one: one[1].cpu)),
        f"| one after the other | {seconds(wall)} | {seconds(cpu)} | |",
        row("**all in one pass**", batch),
    ]


def row(name: str, cost: measure.Cost) -> str:
    return f"| {name} | {seconds(cost.wall)} | {seconds(cost.cpu)} | {cost.peak:,.0f} |"
