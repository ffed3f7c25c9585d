"""Take the pictures of the docs anew, of a finished week of the demo school.

    python tests/take_screenshots.py

Needs a home with a week in it (PASSERELLE_HOME, or var/ai_school after `make run`) and Debian's chromium. English is
shown on a desk, French and Dutch on a phone, Dutch by night.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from browser import CHROMIUM, FLAGS
from passerelle.reports.index import read_index
from passerelle.settings import PROJECT_DIR, Settings
from running_desk import MONDAY, Desk, running_desk

IMAGES = PROJECT_DIR / "docs" / "images"
#: Width of the window, sharpness, and the height beyond which a picture is cut, by language.
SIZES = {"en": (1280, 1.15, 1500), "fr": (390, 2.0, 1600), "nl": (390, 2.0, 1600)}
SCHEMES = {"en": "light", "fr": "light", "nl": "dark"}
OVERVIEWS = {"en": "director", "fr": "lead-brussels", "nl": "lead-ghent"}
COLOURS = 64


def take(browser: Browser, address: str, name: str, *, language: str, unfold: bool = False) -> None:
    """One picture, of few colours, so that it is small."""
    width, sharpness, tallest = SIZES[language]
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        device_scale_factor=sharpness,
        color_scheme=SCHEMES[language],
    )
    page.goto(address)
    if unfold:
        page.locator("summary").first.click()
    height = min(page.evaluate("document.documentElement.scrollHeight"), tallest)
    whole = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    Image.open(BytesIO(whole)).convert("RGB").quantize(COLOURS).save(IMAGES / name, optimize=True)
    page.close()


def addresses(settings: Settings, desk: Desk, aside: Path) -> Iterator[tuple[str, str, str]]:
    """Kind of picture, language and address."""
    pages = settings.part("reports", str(MONDAY))
    owners = {entry.owner: entry for entry in read_index(pages)}
    for language in SIZES:
        row = desk.listed(language).iloc[0]
        entry = owners[row["list_owner_id"]]
        message = message_from_bytes(
            (settings.part("outbox", str(MONDAY)) / entry.mail).read_bytes(), policy=default
        )
        body = message.get_body(("html",))
        assert body is not None
        mail = aside / f"{language}.html"
        mail.write_text(body.get_content(), encoding="utf-8")
        yield "report", language, (pages / entry.page).as_uri()
        yield "mail", language, mail.as_uri()
        yield "overview", language, (pages / f"{OVERVIEWS[language]}.html").as_uri()
        yield "desk", language, f"{desk.link(row)}?verdict=agreed"
        yield "learner", language, desk.link(row).replace("/answer/", "/learner/")


def main() -> None:
    """Every kind of page, in each language."""
    settings = Settings(school="ai_school")
    with (
        tempfile.TemporaryDirectory() as folder,
        running_desk(settings.state_dir, f"sqlite:///{folder}/answers.sqlite") as desk,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for kind, language, address in addresses(settings, desk, Path(folder)):
            take(browser, address, f"{kind}-{language}.png", language=language, unfold=kind == "report")
        browser.close()


if __name__ == "__main__":
    main()
