"""The coach's desk on the demo school: who sees whom, what is recorded, and what every refusal says."""

import datetime as dt
import html
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import httpx
import pandas as pd
import pytest

from demo_week import Week
from passerelle.answer_links import answer_link, digest_of, read_token, report_link
from passerelle.desk.guard import Guard
from passerelle.desk.pages import catalogue
from passerelle.desk.week import Weeks
from passerelle.errors import LinkAltered, LinkElsewhere
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse
from running_desk import MONDAY, Desk, running_desk

pytestmark = pytest.mark.slow
HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x.test")',
    "line\r\nBcc: everybody@school.test",
    "\u202egnol os",
    "x" * 1_999,
    "😀 D'Hondt & Cie",
]


@pytest.fixture(scope="module")
def desk(demo_week: Week, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    answers = tmp_path_factory.mktemp("desk") / "answers.sqlite"
    with running_desk(demo_week.home, f"sqlite:///{answers}") as running:
        yield running


@pytest.fixture
def browser(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A browser without scripts: it keeps cookies and says where a form was sent from."""
    with httpx.Client(follow_redirects=True, trust_env=False, timeout=30) as client:
        yield client


def form_of(page: httpx.Response) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page.text)
    assert found, page.text[:300]
    return found[1]


def answer(browser: httpx.Client, desk: Desk, row: pd.Series, **fields: str) -> httpx.Response:
    """Open a link and press the button."""
    link = desk.link(row)
    sent = {"form": form_of(browser.get(link)), "verdict": "agreed"} | fields
    return browser.post(link, data=sent, headers={"origin": desk.settings.desk_address})


def kept(desk: Desk, row: pd.Series) -> list[str]:
    found = desk.book.answers(coach_id=row["list_owner_id"], enrolment_ids={row["enrolment_id"]})
    return [each.verdict for each in found]


def test_opening_a_link_any_number_of_times_records_nothing(desk: Desk, browser: httpx.Client) -> None:
    row = desk.listed().iloc[0]
    for verdict in ("", "?verdict=agreed", "?verdict=not_useful"):
        assert browser.get(desk.link(row) + verdict).status_code == 200
        assert browser.head(desk.link(row) + verdict).status_code == 200
    assert kept(desk, row) == []


@pytest.mark.parametrize(
    ("language", "saved"),
    [
        ("fr", "Votre réponse est enregistrée"),
        ("nl", "Je antwoord is bewaard"),
        ("en", "Your answer is saved"),
    ],
)
def test_a_pressed_button_is_kept_and_shown_in_the_coachs_language(
    desk: Desk, browser: httpx.Client, language: str, saved: str
) -> None:
    row = desk.listed(language).iloc[-1]
    follow_up = (MONDAY + dt.timedelta(days=9)).isoformat()
    page = answer(
        browser, desk, row, verdict="not_useful", action="talk", channel="phone", follow_up=follow_up
    )
    assert f'lang="{language}"' in page.text
    assert saved in page.text
    assert kept(desk, row) == ["not_useful"]
    assert desk.book.audit().faults == ()


def test_the_proposed_verdict_is_ticked_but_not_recorded(desk: Desk, browser: httpx.Client) -> None:
    row = desk.listed().iloc[1]
    page = browser.get(desk.link(row) + "?verdict=already_handled").text
    assert re.search(r'value="already_handled" required checked', page)
    assert page.count(" checked") == 1
    assert kept(desk, row) == []


def test_the_same_form_sent_twice_counts_once_and_a_new_page_can_correct(
    desk: Desk, browser: httpx.Client
) -> None:
    row = desk.listed().iloc[2]
    sent = {"form": form_of(browser.get(desk.link(row))), "verdict": "agreed"}
    for _ in range(2):
        browser.post(desk.link(row), data=sent, headers={"origin": desk.settings.desk_address})
    assert kept(desk, row) == ["agreed"]
    answer(browser, desk, row, verdict="already_handled")
    assert kept(desk, row) == ["already_handled", "agreed"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"verdict": ""}, 422),
        ({"verdict": "will_fail"}, 422),
        ({"action": "expel"}, 422),
        ({"channel": "fax"}, 422),
        ({"follow_up": "2026-11-22"}, 422),
        ({"follow_up": "2030-01-01"}, 422),
        ({"follow_up": "tomorrow"}, 422),
        ({"note": "x" * 10_000}, 422),
        ({"note": "x" * 70_000}, 413),
    ],
)
def test_what_cannot_be_an_answer_is_told_and_not_kept(
    desk: Desk, browser: httpx.Client, fields: dict[str, str], status: int
) -> None:
    row = desk.listed().iloc[3]
    page = answer(browser, desk, row, **fields)
    assert page.status_code == status
    assert kept(desk, row) == []
    assert status == 413 or 'role="alert"' in page.text


def test_a_form_from_another_place_browser_or_link_is_refused(desk: Desk, browser: httpx.Client) -> None:
    row, other = desk.listed().iloc[4], desk.listed().iloc[5]
    origin = {"origin": desk.settings.desk_address}
    form = form_of(browser.get(desk.link(row)))
    sent = {"form": form, "verdict": "agreed"}
    refused = [
        browser.post(desk.link(row), data=sent),
        browser.post(desk.link(row), data=sent, headers={"origin": "https://elsewhere.test"}),
        browser.post(desk.link(row), data=sent, headers={"origin": "null"}),
        browser.post(desk.link(row), data=sent | {"form": form[:-2]}, headers=origin),
        browser.post(desk.link(other), data=sent, headers=origin),
        httpx.post(desk.link(row), data=sent, headers=origin, trust_env=False),
    ]
    objection = desk.link(row).replace("/answer/", "/objection/")
    objecting = {"form": form, "objects": "yes"}
    refused += [
        browser.post(objection, data=objecting),
        browser.post(objection, data=objecting, headers={"origin": "https://elsewhere.test"}),
        httpx.post(objection, data=objecting, headers=origin, trust_env=False),
    ]
    assert [page.status_code for page in refused] == [403] * 9
    assert not desk.book.objects(row["learner_id"])
    assert kept(desk, row) == kept(desk, other) == []


@pytest.mark.parametrize("path", ["answer", "learner", "objection"])
def test_a_link_that_was_changed_or_is_too_old_says_what_to_do_in_the_readers_language(
    desk: Desk, browser: httpx.Client, path: str
) -> None:
    row = desk.listed().iloc[0]
    altered = desk.link(row)[:-1] + "_"
    old = desk.link(row, as_of=MONDAY - dt.timedelta(days=21))
    for link, status, said in ((altered, 403, "onderweg veranderd"), (old, 410, "te oud")):
        method = "POST" if path == "objection" else "GET"
        address, dutch = link.replace("/answer/", f"/{path}/"), {"accept-language": "nl-BE,nl;q=0.9"}
        page = browser.request(method, address, headers=dutch, data={"a": "b"})
        assert (page.status_code, said in page.text) == (status, True)


def test_a_link_of_a_week_in_which_the_coach_had_no_list_opens_nothing(
    desk: Desk, browser: httpx.Client
) -> None:
    page = browser.get(desk.link(desk.listed().iloc[0], as_of=MONDAY - dt.timedelta(days=7)))
    assert page.status_code == 503
    assert "Nothing was saved" in page.text


def test_no_coach_opens_another_coachs_learner_in_any_pair(desk: Desk) -> None:
    """Even a link that the school itself signed for a coach and somebody else's learner opens nothing."""
    weeks, today = Weeks(desk.settings), MONDAY
    owners = sorted(desk.lists["list_owner_id"].unique())
    own_pairs = set(desk.lists[["list_owner_id", "enrolment_id"]].itertuples(index=False, name=None))
    pairs = [(owner, enrolment) for owner in owners for enrolment in desk.lists["enrolment_id"]]
    opened = set()
    for owner, enrolment in pairs:
        address = answer_link(desk.settings, coach_id=owner, enrolment_id=enrolment, as_of=MONDAY)
        link = read_token(desk.settings, address.rpartition("/")[2], today=today)
        with suppress(LinkElsewhere):
            opened.add((owner, weeks.learner(weeks.own_list(link), link).enrolment_id))
    assert opened == own_pairs
    assert len(pairs) > 1_000


def test_no_link_is_made_of_the_parts_of_others_in_any_pair(desk: Desk) -> None:
    """A coach who has own links, and sees another's, cannot put together one that opens."""
    rows = desk.lists.drop_duplicates("enrolment_id")
    tokens = [desk.link(row).rpartition("/")[2].split(".") for _, row in rows.iterrows()]
    coaches = {coach for _, coach, _, _ in tokens}
    weeks = {f"{MONDAY + dt.timedelta(days=days):%Y%m%d}" for days in (-7, 0, 7)}
    refused = 0
    for (week, coach, learner, signature), (_, _, other, _) in zip(
        tokens, tokens[1:] + tokens[:1], strict=True
    ):
        forged = {(week, one, learner, signature) for one in coaches - {coach}}
        forged |= {(one, coach, learner, signature) for one in weeks - {week}}
        forged |= {(week, coach, other, signature), (week, coach, "list", signature)}
        for parts in forged:
            with pytest.raises(LinkAltered):
                read_token(desk.settings, ".".join(parts), today=MONDAY)
        refused += len(forged)
    assert refused == len(tokens) * (len(coaches) - 1 + 4) > 1_000


def test_every_refused_link_says_what_to_do_in_the_readers_language_and_limits_hold(
    demo_week: Week, tmp_path: Path
) -> None:
    with (
        running_desk(demo_week.home, f"sqlite:///{tmp_path}/answers.sqlite") as desk,
        httpx.Client(trust_env=False, timeout=30) as client,
    ):
        own, other = (rows.iloc[0] for _, rows in list(desk.listed().groupby("list_owner_id"))[:2])
        link, gone = desk.link(own), desk.link(other)
        desk.book.revoke(
            revocation_id="r", coach_id=other["list_owner_id"], list_date=None, recorded_by="lead", reason="x"
        )
        refusals = {
            link[:-1] + ("A" if link[-1] != "A" else "B"): ("altered", 403),
            link.replace(f"{MONDAY:%Y%m%d}", f"{MONDAY + dt.timedelta(days=7):%Y%m%d}"): ("altered", 403),
            desk.link(own, as_of=MONDAY - dt.timedelta(days=21)): ("expired", 410),
            gone: ("revoked", 410),
            answer_link(
                desk.settings,
                coach_id=own["list_owner_id"],
                enrolment_id=other["enrolment_id"],
                as_of=MONDAY,
            ): ("elsewhere", 403),
        }
        for address, (problem, status) in refusals.items():
            for language in ("fr", "nl", "en"):
                page = client.get(address, headers={"accept-language": language})
                told = catalogue(language)
                assert (page.status_code, f'lang="{language}"' in page.text) == (status, True)
                assert told[f"problem.{problem}"] in html.unescape(page.text)
                assert told["problem.nothing_saved"] in html.unescape(page.text)
        assert [client.get(link).status_code for _ in range(121)] == [200] * 120 + [429]


def test_a_page_names_the_coachs_own_learners_and_nobody_else(desk: Desk, browser: httpx.Client) -> None:
    first, other = (rows for _, rows in list(desk.listed().groupby("list_owner_id"))[:2])
    page = browser.get(desk.whole_list(first.iloc[0])).text
    paths = [desk.link(row).removeprefix(desk.settings.desk_address) for _, row in first.iterrows()]
    assert all(path in page for path in paths)
    assert not any(digest_of(desk.settings, "enrolment", each) in page for each in other["enrolment_id"])


def test_a_coach_whose_caseload_has_ended_or_whose_learner_has_left_sees_no_name(
    demo_week: Week, tmp_path: Path
) -> None:
    for part in ("warehouse", "vault", "reports"):
        shutil.copytree(demo_week.home / part, tmp_path / part)
    with (
        running_desk(tmp_path, f"sqlite:///{tmp_path}/answers.sqlite") as desk,
        httpx.Client(trust_env=False) as client,
    ):
        ended, left, still = (row for _, row in desk.listed("fr").head(3).iterrows())
        page_of_report = report_link(desk.settings, coach_id=still["list_owner_id"], as_of=MONDAY)
        assert ended["list_owner_id"] == still["list_owner_id"]
        assert [client.get(each).status_code for each in (desk.link(ended), page_of_report)] == [200, 200]
        with duckdb.connect(str(tmp_path / "published.duckdb")) as connection:
            connection.execute(f"attach '{Warehouse(desk.settings).published}' as standing")
            connection.execute("copy from database standing to published")
            connection.execute(
                "update conformed.caseloads set end_date = '2026-11-20' where enrolment_id = ?",
                [ended["enrolment_id"]],
            )
            connection.execute(
                "update marts.fct_enrolment_week set is_active = false where enrolment_id = ? and as_of_date = ?",
                [left["enrolment_id"], MONDAY],
            )
        (tmp_path / "published.duckdb").replace(Warehouse(desk.settings).published)
        page = client.get(page_of_report)
        assert (page.status_code, page.headers["location"].rpartition("/")[0]) == (303, "/answer")
        for gone in (ended, left):
            page = client.get(desk.link(gone), headers={"accept-language": "en"})
            assert (page.status_code, "no longer one of yours" in page.text) == (403, True)
        standing = client.get(desk.link(still)).text
        assert digest_of(desk.settings, "enrolment", still["enrolment_id"]) in standing
        assert digest_of(desk.settings, "enrolment", ended["enrolment_id"]) not in standing


def test_a_coach_opens_the_page_of_the_report_as_it_was_written(desk: Desk, browser: httpx.Client) -> None:
    row = desk.listed("nl").iloc[0]
    link = report_link(desk.settings, coach_id=row["list_owner_id"], as_of=MONDAY)
    page = browser.get(link)
    written = desk.settings.part("reports", str(MONDAY), f"{row['list_owner_id']}.html")
    assert page.content == written.read_bytes()
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; form-action")
    assert page.headers["cache-control"] == "no-store"
    assert f'href="{link.removeprefix(desk.settings.desk_address)}"' in browser.get(desk.link(row)).text
    assert browser.get(link[:-1]).status_code == 403


def test_links_taken_back_open_nothing_more(desk: Desk, browser: httpx.Client) -> None:
    coach = desk.listed()["list_owner_id"].unique()[-1]
    row = desk.listed().set_index("list_owner_id", drop=False).loc[[coach]].iloc[0]
    form, before = form_of(browser.get(desk.link(row))), kept(desk, row)
    desk.book.revoke(
        revocation_id="r", coach_id=coach, list_date=MONDAY, recorded_by="lead", reason="lost phone"
    )
    sent = {"form": form, "verdict": "agreed"}
    pages = [
        browser.get(desk.link(row)),
        browser.get(desk.whole_list(row)),
        browser.post(desk.link(row), data=sent, headers={"origin": desk.settings.desk_address}),
    ]
    assert [page.status_code for page in pages] == [410] * 3
    assert "campus lead" in pages[0].text
    assert kept(desk, row) == before


@pytest.mark.parametrize("note", HOSTILE)
def test_a_hostile_note_stays_text(desk: Desk, browser: httpx.Client, note: str) -> None:
    row = desk.listed("en").iloc[1]
    page = answer(browser, desk, row, note=note)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "\u202e" not in page.text
    assert "bcc" not in page.headers


def test_every_page_forbids_scripts_frames_and_caches(desk: Desk, browser: httpx.Client) -> None:
    row = desk.listed().iloc[0]
    addresses = [desk.link(row), desk.link(row).replace("/answer/", "/learner/"), desk.link(row)[:-3]]
    for address in [*addresses, f"{desk.settings.desk_address}/nothing"]:
        page = browser.get(address)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert "<script" not in page.text
        assert " style=" not in page.text


def test_the_learner_reads_the_same_facts_in_each_language_and_how_to_object(
    desk: Desk, browser: httpx.Client
) -> None:
    row = desk.listed("en").iloc[0]
    facts = re.findall(r"<li>(.+)</li>", html.unescape(browser.get(desk.link(row)).text))
    told = {}
    for language, article in (
        ("fr", "RGPD, article 21"),
        ("nl", "AVG, artikel 21"),
        ("en", "GDPR, article 21"),
    ):
        page = browser.get(desk.link(row).replace("/answer/", "/learner/") + f"?language={language}").text
        assert article in page
        told[language] = re.findall(r"<li>(.+)</li>", html.unescape(page))
    assert told["en"] == [fact for fact in facts if fact in told["en"]]
    assert len({len(facts) for facts in told.values()}) == 1
    assert len({tuple(re.findall(r"\d+", " ".join(facts))) for facts in told.values()}) == 1


def test_an_objection_is_recorded_and_taken_back_by_the_button(desk: Desk, browser: httpx.Client) -> None:
    row = desk.listed("fr").iloc[1]
    address = desk.link(row).replace("/answer/", "/objection/")
    for says, stands in (("yes", True), ("no", False)):
        form = form_of(browser.get(desk.link(row)))
        sent = {"form": form, "objects": says}
        page = browser.post(address, data=sent, headers={"origin": desk.settings.desk_address})
        assert page.status_code == 200
        assert desk.book.objects(row["learner_id"]) is stands
        assert ("s'oppose à tout score" in html.unescape(page.text)) is stands


def test_whoever_guesses_is_stopped_and_the_coaches_are_not(demo_week: Week, tmp_path: Path) -> None:
    with running_desk(demo_week.home, f"sqlite:///{tmp_path}/answers.sqlite") as desk:
        row = desk.listed().iloc[0]
        with httpx.Client(trust_env=False, timeout=30) as guesser:
            seen = [guesser.get(desk.link(row)[:-1] + "_").status_code for _ in range(32)]
            assert seen == [403] * 30 + [429] * 2
            stopped = guesser.get(desk.link(row))
            assert stopped.headers["retry-after"] == "60"


def test_one_link_opened_or_answered_without_end_is_stopped(tmp_path: Path) -> None:
    from passerelle.desk.guard import Refused

    guard = Guard(Settings(school="ai_school", home=tmp_path))
    for count, most in ((guard.count_page, 120), (guard.count_answer, 40)):
        for _ in range(most):
            count("a coach")
        with pytest.raises(Refused):
            count("a coach")
        count("another coach")


def test_the_desk_also_names_whom_the_lot_says_to_ask_after_and_nobody_of_another_coach(
    desk: Desk, browser: httpx.Client
) -> None:
    drawn = desk.lists[desk.lists["is_also_check_in"].astype(bool) & desk.lists["language"].notna()]
    assert len(drawn) > 1
    row = drawn.iloc[0]
    page = browser.get(desk.whole_list(row))
    assert desk.link(row).removeprefix(desk.settings.desk_address) in page.text
    assert catalogue(row["language"])["desk.also"] in page.text
    others = drawn.iloc[1:]
    assert not any(
        digest_of(desk.settings, "enrolment", each) in page.text for each in others["enrolment_id"]
    )
    assert answer(browser, desk, row, verdict="already_handled").status_code == 200
    assert kept(desk, row) == ["already_handled"]
