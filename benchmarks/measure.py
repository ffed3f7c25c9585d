"""Wall time, processor time and peak memory of a child process: what every benchmark measures with."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """What one child process cost, its own children included.

    Attributes
    ----------
    wall_s, cpu_s : float
        Seconds by the clock, and of processor over all cores.
    peak_mb : float
        Largest resident memory of any one process, in megabytes; never less than the parent's own, so a benchmark
        prepares its data in a child too.
    output : str
        What the child printed.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str

    def line(self, name: str, *, floor: Measured | None = None) -> str:
        """One row of a benchmark's table; with a floor, the wall time as a multiple of it."""
        ratio = f"{self.wall_s / floor.wall_s:6.1f} x" if floor else ""
        return f"{name:<44} {self.wall_s:7.2f} s {self.cpu_s:7.2f} s cpu {self.peak_mb:7.0f} MB {ratio}"


def measure(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Measured:
    """Run a command to its end and measure it.

    Raises
    ------
    subprocess.CalledProcessError
        The command failed; its output goes to standard error.
    """
    started = time.perf_counter()
    child = subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode:
        print(output, file=sys.stderr)
        raise subprocess.CalledProcessError(child.returncode, command)
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def sizes_asked(what: str, default: Sequence[int]) -> list[int]:
    """The numbers of enrolments on the command line, or the default ones."""
    parser = argparse.ArgumentParser(description=what.splitlines()[0])
    told = f"numbers of enrolments to measure; default {' '.join(map(str, default))}"
    parser.add_argument("sizes", nargs="*", type=int, default=list(default), help=told)
    return list(parser.parse_args().sizes)


def measure_part(script: str, part: str, *arguments: str | Path) -> Measured:
    """Measure ``python script part arguments...``: a benchmark runs each of its own parts as a child."""
    return measure([sys.executable, script, part, *map(str, arguments)])


def measure_step(script: str, part: str, home: Path, *arguments: str | int) -> Measured:
    """Measure ``python script part home arguments...`` once: what was measured before is read from ``home``."""
    told = home / f"{'_'.join(map(str, (part, *arguments)))}.json"
    if not told.exists():
        measured = measure_part(script, part, home, *map(str, arguments))
        told.write_text(json.dumps(asdict(measured)), encoding="utf-8")
    return Measured(**json.loads(told.read_text(encoding="utf-8")))
