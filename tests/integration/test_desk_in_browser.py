"""The coach's desk in a real browser: on a phone and on a desk, by day and by night, with the keyboard alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from browser import serious_faults
from demo_week import Week
from running_desk import Desk, running_desk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk(demo_week: Week, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    answers = tmp_path_factory.mktemp("desk_in_browser") / "answers.sqlite"
    with running_desk(demo_week.home, f"sqlite:///{answers}") as running:
        yield running


def pages(desk: Desk) -> list[str]:
    """Every kind of page, each language once."""
    french, dutch, english = (desk.listed(language).iloc[0] for language in ("fr", "nl", "en"))
    learner = desk.link(dutch).replace("/answer/", "/learner/")
    return [desk.link(french), desk.whole_list(english), learner, desk.link(english)[:-2]]


def visit(browser: Browser, address: str, *, width: int = 390, scheme: str = "light") -> Page:
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.goto(address, wait_until="networkidle")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_serious_fault_and_nothing_is_wider_than_the_screen(
    browser: Browser, desk: Desk, scheme: str, width: int
) -> None:
    for address in pages(desk):
        page = visit(browser, address, width=width, scheme=scheme)
        assert page.locator("h1").count() == 1
        assert serious_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


def test_the_keyboard_alone_gives_an_answer(browser: Browser, desk: Desk) -> None:
    row = desk.listed("en").iloc[1]
    page = visit(browser, desk.link(row))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "verdict":
            break
    page.keyboard.press("ArrowDown")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "submit":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".saved")
    kept = desk.book.answers(coach_id=row["list_owner_id"], enrolment_ids={row["enrolment_id"]})
    assert [answer.verdict for answer in kept] == ["not_useful"]
    page.close()


def test_a_hostile_note_runs_nothing_and_does_not_stretch_the_page(browser: Browser, desk: Desk) -> None:
    row = desk.listed("fr").iloc[1]
    page = visit(browser, desk.link(row), width=320)
    complaints: list[str] = []
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.check("input[value=agreed]")
    note = "<img src=x onerror=alert(1)></textarea><script>alert(2)</script>\u202e" + "W" * 1_500
    page.fill("#note", note)
    page.click("button[type=submit]:not(.second)")
    page.wait_for_selector(".saved")
    assert page.locator(".note").inner_text() == note.replace("\u202e", "")
    assert page.locator("main script, main img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert complaints == []
    page.close()
