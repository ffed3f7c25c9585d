"""The coach's desk under 200 coaches at once, each opening a link and answering, beside a bare page in the same run.

    python benchmarks/bench_desk.py [--coaches 200]

Needs a home with a week in it (PASSERELLE_HOME, or var/ai_school after `make run`); the answers go to a database of
their own. The links are real and spread over the school's coaches, so several browsers may be one coach's.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import httpx
import numpy as np
import psutil

from passerelle.answer_book import AnswerBook
from passerelle.answer_links import answer_link
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

LONGEST_SECONDS = 120
#: One for all: making 200 of them would take longer than what is measured, and no request here is encrypted.
UNUSED = ssl.create_default_context()
BARE = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.api_route("/{path}", methods=["GET", "POST"])
def page(path: str) -> str:
    return "x" * 6_000
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""
Visit = Callable[[httpx.AsyncClient, str], Awaitable[list[float]]]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: list[str], port: int, path: str) -> Iterator[psutil.Process]:
    """Start a server, wait until it answers, and stop it at the end."""
    process = subprocess.Popen(command, env=os.environ)
    try:
        wait_for(f"http://127.0.0.1:{port}{path}")
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(address: str) -> None:
    """Wait until somebody answers there."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(address, trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("the server did not start in 60 s")


async def timed(call: Awaitable[httpx.Response], status: int) -> tuple[httpx.Response, float]:
    """One request, in seconds; anything but the expected answer ends the benchmark."""
    started = time.perf_counter()
    response = await call
    if response.status_code != status:
        raise SystemExit(f"{response.request.method} gave {response.status_code}, not {status}")
    return response, time.perf_counter() - started


async def answers(client: httpx.AsyncClient, link: str) -> list[float]:
    """A coach opens a link and presses the button."""
    page, opened = await timed(client.get(link), 200)
    form = re.search(r'name="form" value="([^"]+)"', page.text)
    assert form
    sent = {"form": form[1], "verdict": "agreed", "action": "talk"}
    _, pressed = await timed(
        client.post(link, data=sent, headers={"origin": link.partition("/answer")[0]}), 303
    )
    return [opened, pressed]


async def bare(client: httpx.AsyncClient, link: str) -> list[float]:
    """The same two requests of a page that does nothing."""
    return [
        (await timed(client.get(link), 200))[1],
        (await timed(client.post(link, data={"a": "b"}), 200))[1],
    ]


async def rush(visit: Visit, links: list[str]) -> np.ndarray:
    """Everybody at once, each with a browser of their own."""

    async def one(link: str) -> list[float]:
        async with httpx.AsyncClient(verify=UNUSED, trust_env=False, timeout=LONGEST_SECONDS) as client:
            return await visit(client, link)

    return np.array(await asyncio.wait_for(asyncio.gather(*map(one, links)), LONGEST_SECONDS))


def told(name: str, visit: Visit, links: list[str]) -> None:
    """Time one rush, and print its percentiles."""
    started = time.perf_counter()
    seconds = asyncio.run(rush(visit, links))
    wall = time.perf_counter() - started
    for place, kind in enumerate(("open", "answer")):
        p50, p95, p99 = np.percentile(seconds[:, place] * 1000, [50, 95, 99])
        print(f"{name:<6} {kind:<7} p50 {p50:7.0f} ms   p95 {p95:7.0f} ms   p99 {p99:7.0f} ms")
    print(f"{name:<6} {2 * len(seconds) / wall:7.0f} requests/s")


def links_of(settings: Settings, as_of: dt.date, count: int) -> list[str]:
    """That many links, in turns over all coaches and over the learners of each."""
    lists = Warehouse(settings).frame(
        "select coach_id, enrolment_id from mart_risk_list where coach_id is not null"
    )
    own = [(str(coach), rows["enrolment_id"].tolist()) for coach, rows in lists.groupby("coach_id")]
    links = []
    for number in range(count):
        coach, enrolments = own[number % len(own)]
        enrolment = enrolments[number // len(own) % len(enrolments)]
        links.append(answer_link(settings, coach_id=coach, enrolment_id=enrolment, as_of=as_of))
    return links


def main() -> None:
    """Measure floor and desk in one run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--coaches", type=int, default=200)
    count = parser.parse_args().coaches
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PASSERELLE_DESK_DATABASE_URL"] = f"sqlite:///{folder}/answers.sqlite"
        port, floor_port = free_port(), free_port()
        os.environ["PASSERELLE_DESK_PORT"] = str(port)
        settings = Settings()
        as_of = Warehouse(settings).published_as_of()
        if as_of is None:
            print(f"left out: no week in {settings.state_dir}; `make run` first")
            return
        links = links_of(settings, as_of, count)
        bare_page = [sys.executable, "-c", BARE, str(floor_port)]
        desk = [sys.executable, "-c", "from passerelle.cli import main; main()", "desk", "serve"]
        with served(bare_page, floor_port, "/x"), served(desk, port, "/health") as process:
            httpx.get(links[0], trust_env=False, timeout=60)
            told("floor", bare, [f"http://127.0.0.1:{floor_port}/x"] * count)
            told("desk", answers, links)
            first = process.memory_info().rss
            asyncio.run(rush(answers, links))
            audit = AnswerBook(settings).audit()
            rush_memory = [first / 1e6, process.memory_info().rss / 1e6]
        print("memory after the first rush {:.0f} MB, after the second {:.0f} MB".format(*rush_memory))
        print(f"answers given {2 * count}, kept {audit.entries}, faults in the trail {len(audit.faults)}")
        if audit.entries != 2 * count or audit.faults:
            raise SystemExit("an answer was lost")


if __name__ == "__main__":
    main()
