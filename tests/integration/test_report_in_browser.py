"""The written pages in a real browser: what a coach sees on a phone and on a desk, by day and by night."""

from email import message_from_bytes
from email.policy import default
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest
from playwright.sync_api import Browser

from browser import CONTRASTS, LEAST_CONTRAST, WIDTHS, Visit, serious_faults
from passerelle.reports.writing import write_edition
from passerelle.school import load_school
from sample_edition import COHORT_ONLY, DUTCH, ENGLISH, FRENCH, edition

OWNERS = [FRENCH, DUTCH, ENGLISH, COHORT_ONLY]
HOSTILE = [
    "<img src=http://x.test/a.png onerror=alert(1)>",
    "<script>alert(2)</script>",
    "W" * 10_000,
    "\u202eevil",
    "😀" * 90,
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("reports")
    made = edition(school=load_school("ai_school"))
    written = write_edition(made, folder=root / "pages", outbox=root / "mails")
    for path in written.outbox.glob("*.eml"):
        body = message_from_bytes(path.read_bytes(), policy=default).get_body(("html",))
        assert body is not None
        (written.folder / f"mail-{path.stem}.html").write_text(body.get_content())
    return written.folder


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    people = edition().material.learner_people
    names = pd.Series([HOSTILE[place % len(HOSTILE)] for place in range(len(people))], index=people.index)
    made = edition(learner_people=people.assign(first_name=names))
    return write_edition(made, folder=root / "pages", outbox=root / "mails").folder


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_is_wider_than_the_screen(browser: Browser, folder: Path, owner: str, width: int) -> None:
    with Visit(browser, folder / f"{owner}.html", width=width) as visit:
        widest = visit.page.evaluate("document.documentElement.scrollWidth")
        assert widest <= width
        assert visit.page.locator("article").count() == 6
        assert visit.page.locator("h3:visible").count() >= 7


@pytest.mark.parametrize("owner", OWNERS)
def test_a_page_asks_for_nothing_but_itself(browser: Browser, folder: Path, owner: str) -> None:
    with Visit(browser, folder / f"{owner}.html") as visit:
        assert [urlsplit(url).path.rpartition("/")[2] for url in visit.requests] == [f"{owner}.html"]
        assert visit.complaints == []


def test_hostile_names_run_nothing_load_nothing_and_do_not_stretch_the_page(
    browser: Browser, hostile_folder: Path
) -> None:
    with Visit(browser, hostile_folder / f"{ENGLISH}.html", width=320) as visit:
        shown = visit.page.locator("article h3").all_inner_texts()
        assert shown[0].startswith("<img src=http://x.test/a.png")
        assert len(visit.requests) == 1
        assert visit.complaints == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_script_that_got_in_would_not_run(browser: Browser, folder: Path, tmp_path: Path) -> None:
    page = (folder / f"{FRENCH}.html").read_text()
    smuggled = tmp_path / "smuggled.html"
    smuggled.write_text(
        page.replace("</main>", "<script>alert(1)</script><img src='http://x.test/a.png'></main>")
    )
    with Visit(browser, smuggled) as visit:
        assert len([text for text in visit.complaints if "Content Security Policy" in text]) == 2
        assert "1" not in visit.complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_text_stands_out_from_its_ground(
    browser: Browser, folder: Path, scheme: str, width: int
) -> None:
    with Visit(browser, folder / f"{DUTCH}.html", width=width, scheme=scheme) as visit:
        contrasts = visit.page.evaluate(CONTRASTS)
        assert len(contrasts) > 60
        assert min(contrasts) >= LEAST_CONTRAST


def test_night_is_dark_and_day_is_light(browser: Browser, folder: Path) -> None:
    ground = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    brightness = {}
    for scheme in ("light", "dark"):
        with Visit(browser, folder / f"{FRENCH}.html", scheme=scheme) as visit:
            brightness[scheme] = sum(visit.page.evaluate(ground)) / 3
    assert brightness["dark"] < 40
    assert brightness["light"] > 220


def test_the_keyboard_jumps_to_the_list(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / f"{ENGLISH}.html") as visit:
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.innerText") == "Skip to the list"
        assert visit.page.locator(".skip").is_visible()
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("document.activeElement.id") == "list"


@pytest.mark.parametrize("owner", [FRENCH, DUTCH, ENGLISH])
def test_unfolded_weeks_fit_the_smallest_phone_and_break_no_word(
    browser: Browser, folder: Path, owner: str
) -> None:
    with Visit(browser, folder / f"{owner}.html", width=WIDTHS["small phone"]) as visit:
        visit.page.locator("summary").first.click()
        table = visit.page.locator("details table:visible")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= WIDTHS["small phone"]
        assert table.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
        assert table.evaluate("table => getComputedStyle(table).overflowWrap") == "normal"


def test_the_keyboard_unfolds_the_weeks_of_a_learner_without_a_script(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / f"{DUTCH}.html") as visit:
        assert visit.page.locator("details table:visible").count() == 0
        visit.page.locator("summary").first.focus()
        visit.page.keyboard.press("Enter")
        rows = visit.page.locator("details table:visible tbody tr").all_inner_texts()
        assert len(rows) == 8
        assert rows[0].split("\t")[:2] == ["16 nov", "7 van 10"]
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert serious_faults(visit.page) == []


def test_headings_and_landmarks_lead_through_the_page(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / f"{FRENCH}.html") as visit:
        levels = visit.page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1])")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        for landmark in ("banner", "main", "complementary", "contentinfo"):
            assert visit.page.get_by_role(landmark).count() == 1


def test_on_paper_the_page_is_black_on_white_and_cards_stay_whole(browser: Browser, folder: Path) -> None:
    with Visit(browser, folder / f"{DUTCH}.html", scheme="dark") as visit:
        visit.page.emulate_media(media="print", color_scheme="dark")
        style = visit.page.evaluate("getComputedStyle(document.querySelector('article')).breakInside")
        ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (style, ground) == ("avoid", "rgb(255, 255, 255)")
        assert visit.page.locator("details tbody tr").first.bounding_box() is not None
        assert visit.page.locator("details tbody tr").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", [f"mail-{FRENCH}", DUTCH, "director"])
def test_axe_finds_no_fault_that_keeps_somebody_from_reading(
    browser: Browser, folder: Path, page: str, width: int, scheme: str
) -> None:
    with Visit(browser, folder / f"{page}.html", width=width, scheme=scheme) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert visit.page.locator("h1").count() == 1
        assert visit.page.locator("details table:visible").count() == (6 if page == DUTCH else 0)
        assert serious_faults(visit.page) == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
