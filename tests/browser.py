"""A page in a real browser: what it asks for, what it complains about, and whether everybody can read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = {"small phone": 320, "phone": 390, "desktop": 1280}
LEAST_CONTRAST = 4.5
CONTRASTS = """() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgb = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
    const ground = element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = rgb(getComputedStyle(e).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255, 255];
    };
    return [...document.querySelectorAll('body *')]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
        .map(e => {
            const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
            return (a + .05) / (b + .05);
        });
}"""


@pytest.fixture(scope="module")  # longer, and its event loop would be in the way of others
def browser() -> Iterator[Browser]:
    """Headless Chromium, Debian's."""
    if not CHROMIUM.is_file():
        pytest.skip(f"the pages in a browser left out: no {CHROMIUM}; apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


class Visit:
    """A page in the browser, with everything that it asked for and complained about."""

    def __init__(self, browser: Browser, path: Path, *, width: int = 390, scheme: str = "light") -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        self.page.goto(path.as_uri(), wait_until="networkidle")

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.close()


def serious_faults(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds on a page that keeps somebody from using it."""
    found = Axe().run(page).response["violations"]
    return [
        {"rule": fault["id"], "where": [node["target"] for node in fault["nodes"]]}
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
