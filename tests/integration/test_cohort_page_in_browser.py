"""The cohort page in a real browser: people look at it on a desk and on a phone, by day and by night."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser import CONTRASTS, LEAST_CONTRAST, WIDTHS, Visit, serious_faults
from passerelle.cohort_page.view import cohort_page
from passerelle.cohort_page.writing import as_html
from sample_cohorts import material


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cohorts") / "cohorts.html"
    path.write_text(as_html(cohort_page(material())))
    return path


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_is_wider_than_the_screen_and_one_drawing_of_each_curve_is_shown(
    browser: Browser, page_file: Path, width: int
) -> None:
    with Visit(browser, page_file, width=width) as visit:
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.page.locator("figure svg:visible").count() == 2
        assert visit.page.get_by_text("missed by 3 placements").first.is_visible()


def test_the_page_asks_for_nothing_and_a_cohort_s_name_is_only_text(
    browser: Browser, page_file: Path
) -> None:
    with Visit(browser, page_file) as visit:
        assert visit.requests == [page_file.as_uri()]
        assert visit.complaints == []
        assert visit.page.get_by_text("<b>GNT</b>").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_read_it(browser: Browser, page_file: Path, scheme: str, width: int) -> None:
    with Visit(browser, page_file, width=width, scheme=scheme) as visit:
        assert serious_faults(visit.page) == []
        contrasts = visit.page.evaluate(CONTRASTS)
        assert len(contrasts) > 30
        assert min(contrasts) >= LEAST_CONTRAST


def test_the_keyboard_opens_a_year(browser: Browser, page_file: Path) -> None:
    with Visit(browser, page_file) as visit:
        oldest = visit.page.locator("details").last
        assert oldest.get_attribute("open") is None
        for _ in range(20):
            visit.page.keyboard.press("Tab")
            if visit.page.evaluate("document.activeElement.closest('details:last-of-type') !== null"):
                break
        visit.page.keyboard.press("Enter")
        assert oldest.get_attribute("open") is not None


def test_bars_stand_where_the_counts_put_them(browser: Browser, page_file: Path) -> None:
    with Visit(browser, page_file, width=1280) as visit:
        line = visit.page.locator("summary .open").first
        box = "line => [line.getBBox().x, line.getBBox().width]"
        (_, rail), (start, reach), (promise, _) = (
            line.locator(f".{part}").evaluate(box) for part in ("rail", "bounds", "promise")
        )
        assert [start / rail, reach / rail, promise / rail] == pytest.approx([0.60, 0.25, 0.80], abs=0.001)
