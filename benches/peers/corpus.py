"""Makes the logs that are measured: always the same for the same size and seed."""

import json
import pathlib
import re
import subprocess
from dataclasses import asdict, dataclass

# "2026-03-10T09:00:00.000Z "
TIME_BYTES = 25
TINY_BYTES = 1024
UNITS = {"": 1, "B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3}


@dataclass(frozen=True)
class Shape:
    bytes: str
    files: int
    seed: int


# Exports hold a file for every log stream and some megabytes, not a few large ones.
GZIP_FILES = 64


class Corpus:
    """The parts of a corpus, made when they are first asked for and kept for the next run."""

    def __init__(self, folder: pathlib.Path, shape: Shape, insq: pathlib.Path, generator: pathlib.Path) -> None:
        self.folder = folder / f"{shape.bytes}-{shape.files}-{shape.seed}"
        self.shape = shape
        self.insq = insq
        self.generator = generator
        self.folder.mkdir(parents=True, exist_ok=True)

    def paths(self, part: str) -> list[str]:
        making = {
            "many": lambda out: self._generate(out, self.shape.files),
            "one": lambda out: self._generate(out, 1),
            "gz": lambda out: self._generate(out, GZIP_FILES, "--gz"),
            "functions": self._functions,
            "parquet": self._convert,
            "json": self._json_lines,
            "tiny": self._tiny,
        }
        out = self.folder / part
        done = self.folder / f"{part}.done"
        if not done.exists():
            making[part](out)
            done.write_text(json.dumps(asdict(self.shape)))
        return sorted(str(path) for path in out.iterdir() if path.is_file())

    def catalog(self) -> str:
        """Which file is which log group, for `SOURCE`."""
        path = self.folder / "catalog.json"
        groups = {f"/aws/lambda/{pathlib.Path(file).stem}": file for file in self.paths("functions")}
        path.write_text(json.dumps({"logGroups": groups}))
        return str(path)

    def size(self, part: str) -> int:
        return sum(pathlib.Path(path).stat().st_size for path in self.paths(part))

    def _generate(self, out: pathlib.Path, files: int, *more: str, size: str | None = None) -> None:
        sizes = ["--bytes", size or self.shape.bytes, "--files", str(files), "--seed", str(self.shape.seed)]
        command = [str(self.generator), "--profile", "mixed", *sizes, *more, "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _functions(self, out: pathlib.Path) -> None:
        # In this layout the generator writes a little more than four times what it is asked for.
        number, unit = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", self.shape.bytes).groups()
        self._generate(out, 1, "--layout", "functions", size=f"{int(float(number) * UNITS[unit.upper()]) // 4}")

    def _convert(self, out: pathlib.Path) -> None:
        out.mkdir(exist_ok=True)
        command = [str(self.insq), "convert", *self.paths("many"), "-o", str(out / "logs.parquet")]
        subprocess.run(command, check=True)

    def _json_lines(self, out: pathlib.Path) -> None:
        """The JSON messages of the plain files, without the times of the export before them."""
        out.mkdir(exist_ok=True)
        for path in map(pathlib.Path, self.paths("many")):
            with open(path, "rb") as log, open(out / f"{path.stem}.jsonl", "wb") as lines:
                lines.writelines(line[TIME_BYTES:] for line in log if line[TIME_BYTES : TIME_BYTES + 1] == b"{")

    def _tiny(self, out: pathlib.Path) -> None:
        out.mkdir(exist_ok=True)
        with open(self.paths("many")[0], "rb") as log:
            start = log.read(TINY_BYTES)
        (out / "tiny.log").write_bytes(start[: start.rfind(b"\n") + 1])
