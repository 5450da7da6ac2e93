"""Runs one work in one Python engine, in a process of its own: `python -m engines.child ENGINE WORK PATH…`.

Prints the rows as JSON; on standard error, the seconds after the engine was loaded.
"""

import importlib
import json
import sys
import time


def main() -> None:
    engine, work, *paths = sys.argv[1:]
    asked = importlib.import_module(f"engines.with_{engine}").WORKS[work]
    begin = time.perf_counter()
    rows = [list(row) for row in asked(paths)]
    seconds = time.perf_counter() - begin
    json.dump(rows, sys.stdout, default=str)
    sys.stdout.flush()
    print(f"query seconds: {seconds:.6f}", file=sys.stderr)


main()
