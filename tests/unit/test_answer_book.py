"""Answers are kept for good, once, and nobody can change them unseen; on SQLite and on PostgreSQL alike."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from passerelle.answer_book import Answer, AnswerBook
from passerelle.errors import DeskError, LinkRevoked
from passerelle.settings import Settings

KEY = "a key for tests alone, long enough to be one"
MONDAY = dt.date(2026, 11, 23)
ANSWER = Answer(
    answer_id="a1",
    enrolment_id="E1",
    coach_id="cch_1",
    list_date=MONDAY,
    verdict="agreed",
    action_code="talk",
    channel="phone",
    follow_up_date=MONDAY + dt.timedelta(days=8),
    note="'); drop table support_answer; -- <script>alert(1)</script> 😀",
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request, tmp_path, monkeypatch):
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path}/answers.sqlite"
    else:
        found = request.getfixturevalue("empty_postgresql_url")
    monkeypatch.setenv("PASSERELLE_DESK_DATABASE_URL", found)
    return found


@pytest.fixture
def settings(tmp_path):
    return Settings(school="ai_school", home=tmp_path / "home", key=KEY)


@pytest.fixture
def book(url, settings):
    made = AnswerBook(settings).prepare().prepare()
    yield made
    made.close()


def run(url, *statements):
    """Run statements behind the book's back; the rows of the last one."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        done = [connection.execute(sa.text(statement)) for statement in statements][-1]
        found = done.all() if done.returns_rows else []
    engine.dispose()
    return found


def test_an_answer_comes_back_whole_with_the_schools_own_time(book):
    assert book.record(ANSWER)
    (kept,) = book.answers(coach_id="cch_1", enrolment_ids={"E1", "E2"})
    assert replace(kept, recorded_at=None, action_date=None) == ANSWER
    assert kept.action_date == MONDAY
    assert MONDAY - dt.timedelta(days=1) <= kept.recorded_at.date() <= MONDAY
    assert book.answers(coach_id="cch_2", enrolment_ids={"E1"}) == []


def test_the_same_press_of_a_button_counts_once(book, url):
    assert book.record(ANSWER)
    assert not book.record(replace(ANSWER, verdict="not_useful"))
    assert run(url, "select verdict from support_answer") == [("agreed",)]


def test_what_is_free_text_is_sealed_and_stands_outside_what_is_pulled(book, url):
    book.record(ANSWER)
    stored = repr(
        [run(url, f"select * from {table}") for table in ("answer_note", "support_answer", "audit_trail")]
    )
    assert "drop table" not in stored
    assert "gAAAA" in stored


def test_forty_coaches_at_once_lose_nothing_and_the_trail_stays_whole(book):
    with ThreadPoolExecutor(10) as pool:
        given = [replace(ANSWER, answer_id=f"a{n}", coach_id=f"cch_{n}", note="") for n in range(40)]
        assert all(pool.map(book.record, given))
    found = book.audit()
    assert (found.entries, found.faults) == (40, ())


@pytest.mark.parametrize(
    "change", ["update support_answer set verdict = 'not_useful'", "delete from audit_trail"]
)
def test_the_database_itself_refuses_to_change_what_was_recorded(book, url, change):
    book.record(ANSWER)
    with pytest.raises(sa.exc.DBAPIError, match="append only"):
        run(url, change)
    assert book.audit().faults == ()


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("update support_answer set verdict = 'not_useful' where answer_id = 'a2'", "support_answer"),
        ("delete from support_answer where answer_id = 'a2'", "missing"),
        ("update audit_trail set content = '{}' where entry_no = 2", "entry 2"),
        ("delete from audit_trail where entry_no = 2", "entry 3"),
        ("update audit_trail set digest = 'f' where entry_no = 3", "entry 3"),
    ],
)
def test_whoever_gets_round_the_rules_is_found_out(book, url, tampering, fault):
    for number in (1, 2, 3):
        book.record(replace(ANSWER, answer_id=f"a{number}"))
    _, table = re.findall(r"(update|delete from) (\w+)", tampering)[0]
    where = "" if "sqlite" in url else f" on {table}"
    rules = [f"drop trigger {table}_no_{change}{where}" for change in ("update", "delete")]
    run(url, *rules, tampering)
    assert any(fault in told for told in book.audit().faults)


def test_links_are_taken_back_of_one_week_or_of_all(book):
    told = {"recorded_by": "lead", "reason": "lost phone"}
    book.revoke(revocation_id="r1", coach_id="cch_1", list_date=MONDAY, **told)
    with pytest.raises(LinkRevoked, match="2026-11-23"):
        book.record(ANSWER)
    later = MONDAY + dt.timedelta(days=7)
    book.refuse_revoked("cch_1", later)
    book.refuse_revoked("cch_2", MONDAY)
    book.revoke(revocation_id="r2", coach_id="cch_1", list_date=None, **told)
    with pytest.raises(LinkRevoked):
        book.refuse_revoked("cch_1", later)


def test_the_newest_word_on_being_scored_counts(book):
    told = {"learner_id": "lrn_1", "recorded_by": "cch_1"}
    assert not book.objects("lrn_1")
    book.object_to_profiling(objection_id="o1", has_objection=True, **told)
    assert book.objects("lrn_1")
    assert not book.objects("lrn_2")
    book.object_to_profiling(objection_id="o2", has_objection=False, **told)
    assert not book.objects("lrn_1")
    assert book.audit().entries == 2


def test_a_note_that_was_changed_is_not_shown(book, url):
    book.record(ANSWER)
    run(url, "update answer_note set sealed = 'gAAAAother'")
    with pytest.raises(DeskError, match="a1"):
        book.answers(coach_id="cch_1", enrolment_ids={"E1"})


def test_notes_about_a_forgotten_learner_go_and_answers_stay_with_a_whole_trail(book, url):
    for number, enrolment in enumerate(("E1", "E1", "E2")):
        book.record(replace(ANSWER, answer_id=f"a{number}", enrolment_id=enrolment, note=f"note {number}"))
    assert book.forget_notes({"E1"}) == 2
    assert book.forget_notes({"E1"}) == 0
    assert book.forget_notes(set()) == 0
    found = book.answers(coach_id="cch_1", enrolment_ids={"E1", "E2"})
    assert {answer.answer_id: answer.note for answer in found} == {"a0": "", "a1": "", "a2": "note 2"}
    assert book.audit().faults == ()
    assert len(run(url, "select * from answer_note")) == 1
