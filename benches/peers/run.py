#!/usr/bin/env python3
"""Measures insq against other engines, how it grows, or many queries in one pass, and writes docs/benchmarks.md."""

import argparse
import datetime
import json
import pathlib
import sys
import tempfile

import contest
import growth
import growth_table
import table
import together
import tools as toolbox
from corpus import Corpus, Shape
from works import WORKS

DEFAULT_FOLDER = toolbox.ROOT / "target" / "peers"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", default="1GB", help="size of the corpus (default: 1GB)")
    parser.add_argument("--files", type=int, default=4, help="files of the corpus (default: 4)")
    parser.add_argument("--seed", type=int, default=7, help="seed of the corpus (default: 7)")
    parser.add_argument("--rounds", type=int, default=5, help="measured runs of each command (default: 5)")
    parser.add_argument("--timeout", type=float, default=600, help="seconds that a run may take (default: 600)")
    parser.add_argument("--works", help="only these, with commas between them: " + ", ".join(work.name for work in WORKS))
    parser.add_argument("--keep", action="store_true", help="keep what an earlier run measured of other works")
    parser.add_argument("--folder", type=pathlib.Path, default=DEFAULT_FOLDER, help="where corpus and modules are kept")
    parser.add_argument("--out", type=pathlib.Path, default=toolbox.ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--insq", type=pathlib.Path, help="measure this binary in place of the one of this tree")
    parser.add_argument("--growth", action="store_true", help="measure how insq grows, and no other engine")
    parser.add_argument("--together", action="store_true", help="measure many queries in one pass, and no other engine")
    parser.add_argument("--sizes", default="100MB,300MB,1GB,3GB", help="of --growth (default: 100MB,300MB,1GB,3GB)")
    parser.add_argument("--no-install", action="store_true", help="use the peers that are there")
    return parser.parse_args()


def main() -> None:
    chosen = options()
    folder = chosen.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    tools = toolbox.find(chosen.insq and chosen.insq.resolve(), folder / "venv", not chosen.no_install)
    about = table.About(
        day=datetime.date.today().isoformat(),
        machine=toolbox.machine(),
        versions=tools.versions,
        missing=tools.missing,
        bytes=chosen.bytes,
        files=chosen.files,
        rounds=chosen.rounds,
    )
    if chosen.growth:
        grow(chosen, folder, tools, about)
    elif chosen.together:
        pass_together(chosen, folder, tools, about)
    else:
        compete(chosen, folder, tools, about)


def grow(chosen: argparse.Namespace, folder: pathlib.Path, tools: toolbox.Tools, about: table.About) -> None:
    results: list[growth.Measured] = []
    for series in growth.grow(folder, tools, chosen.sizes.split(","), chosen.seed, chosen.rounds, chosen.timeout):
        results += series
        growth_table.write(chosen.out, about, results)
    if any(result.failure for result in results):
        sys.exit("a run failed; see above")


def pass_together(chosen: argparse.Namespace, folder: pathlib.Path, tools: toolbox.Tools, about: table.About) -> None:
    corpus = Corpus(folder / "corpus", Shape(chosen.bytes, chosen.files, chosen.seed), tools.insq, tools.generator)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        results = [
            together.run_together(title, queries, corpus, tools, chosen.rounds, chosen.timeout, pathlib.Path(scratch))
            for title, queries in together.query_sets().items()
        ]
    together.write(chosen.out, about, results)


def compete(chosen: argparse.Namespace, folder: pathlib.Path, tools: toolbox.Tools, about: table.About) -> None:
    corpus = Corpus(folder / "corpus", Shape(chosen.bytes, chosen.files, chosen.seed), tools.insq, tools.generator)
    names = [name for name in chosen.works.split(",") if name] if chosen.works is not None else [work.name for work in WORKS]
    if unknown := set(names) - {work.name for work in WORKS}:
        sys.exit(f"no such work: {', '.join(sorted(unknown))}")
    saved = folder / "results.json"
    kept: dict[str, contest.Result] = {}
    if chosen.keep and saved.exists():
        kept = {one["work"]: contest.Result.of(one) for one in json.loads(saved.read_text())}
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        for work in WORKS:
            if work.name in names:
                print(f"{work.title} …", file=sys.stderr)
                done = contest.contest(work, corpus, tools, chosen.rounds, chosen.timeout, pathlib.Path(scratch))
                kept[work.name] = done
            # After every work, so that what was measured outlives an interruption.
            results = [kept[work.name] for work in WORKS if work.name in kept]
            saved.write_text(json.dumps([result.plain() for result in results], indent=1))
            table.peers(chosen.out, about, results)
    if any(entry.wrong for result in results for entry in result.entries):
        sys.exit("an answer was wrong; see above")


if __name__ == "__main__":
    main()
