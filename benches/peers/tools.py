"""Finds, builds and installs what is measured, and says which versions these are."""

import os
import pathlib
import platform
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
REQUIREMENTS = HERE / "requirements.txt"
# Program and the Debian package that it is in.
PROGRAMS = {"mawk": "mawk", "jq": "jq", "igzip": "isal"}
MODULES = ["duckdb", "chdb", "polars", "datafusion"]


@dataclass
class Tools:
    insq: pathlib.Path
    generator: pathlib.Path
    python: pathlib.Path
    rg: str | None
    # Of everything that was found.
    versions: dict[str, str] = field(default_factory=dict)
    # Of everything that was not, the reason.
    missing: dict[str, str] = field(default_factory=dict)


def said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0].strip() if lines else ""


def build(insq: pathlib.Path | None) -> tuple[pathlib.Path, pathlib.Path]:
    """The release binaries of this tree; with `insq`, of insq only that one is used."""
    packages = ["-p", "insq-testkit"] if insq else ["-p", "insq-cli", "-p", "insq-testkit"]
    subprocess.run(["cargo", "build", "--release", *packages], cwd=ROOT, check=True)
    release = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    return (insq or release / "insq"), release / "insq-generate"


def install_modules(folder: pathlib.Path) -> pathlib.Path:
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    # Says quickly that all is there when it is.
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)], check=False)
    return python


def install_programs() -> None:
    """Only where that needs no question: as root, with apt."""
    lacking = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if not lacking or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    subprocess.run(["apt-get", "update", "-q"], stdout=subprocess.DEVNULL, check=False)
    for package in lacking:
        subprocess.run(["apt-get", "install", "-y", "-q", package], stdout=subprocess.DEVNULL, check=False)


def find(insq: pathlib.Path | None, folder: pathlib.Path, install: bool) -> Tools:
    binary, generator = build(insq)
    if install:
        install_programs()
        python = install_modules(folder)
    else:
        python = folder / "bin" / "python"
    in_venv = folder / "bin" / "rg"
    tools = Tools(binary, generator, python, str(in_venv) if in_venv.exists() else shutil.which("rg"))
    commit = said("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD") if insq is None else "given binary"
    tools.versions["insq"] = f"{said(str(binary), '--version')} ({commit})"
    for module in MODULES:
        asked = [str(python), "-c", f"import importlib.metadata as m; print(m.version('{module}'))"]
        note(tools, module, subprocess.run(asked, capture_output=True, text=True).stdout.strip() if python.exists() else "")
    note(tools, "ripgrep", said(tools.rg, "--version") if tools.rg else "")
    for program in PROGRAMS:
        option = ["-W", "version"] if program == "mawk" else ["--version"]
        found = said(program, *option).split(",")[0] if shutil.which(program) else ""
        note(tools, program, found, f"Debian package `{PROGRAMS[program]}`")
    tools.versions["Python"] = platform.python_version()
    return tools


def note(tools: Tools, name: str, version: str, where: str = "see requirements.txt") -> None:
    if version:
        tools.versions[name] = version
    else:
        tools.missing[name] = f"not on this machine ({where})"
        print(f"{name} is {tools.missing[name]}", file=sys.stderr)


def processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def machine() -> dict[str, str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return {
        "processor": f"{processor()}, {cores} cores",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
    }
