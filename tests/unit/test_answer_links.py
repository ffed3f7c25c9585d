"""A link is for one coach, one learner and one Monday, tells nothing, and ends."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.answer_links import answer_link, list_link, meant_by, read_token
from passerelle.errors import LinkAltered, LinkElsewhere, LinkExpired
from passerelle.settings import Settings

MONDAY = dt.date(2026, 11, 23)
KEY = "a key made at random, long enough to be one"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(school="ai_school", home=tmp_path_factory.mktemp("home"), key=KEY)


def link(settings, **changed):
    meant = {"coach_id": "cch_1", "enrolment_id": "dhondt-emma", "as_of": MONDAY} | changed
    return answer_link(settings, **meant)


def token(address):
    return address.rpartition("/")[2]


def test_a_link_leads_to_its_coach_learner_and_monday(settings):
    read = read_token(settings, token(link(settings)), today=MONDAY)
    assert read.as_of == MONDAY
    assert meant_by(settings, read.coach, kind="coach", ids=["cch_0", "cch_1"]) == "cch_1"
    assert meant_by(settings, read.enrolment, kind="enrolment", ids=["e", "dhondt-emma"]) == "dhondt-emma"


def test_a_link_tells_nothing_of_whom_it_is_about_and_is_the_same_each_time(settings):
    assert "dhondt" not in link(settings)
    assert "cch_1" not in link(settings)
    assert link(settings) == link(settings)


def test_every_coach_learner_and_monday_has_a_link_of_its_own(settings):
    others = [
        link(settings, coach_id="cch_2"),
        link(settings, enrolment_id="dhondt"),
        link(settings, as_of=MONDAY + dt.timedelta(days=7)),
        list_link(settings, coach_id="cch_1", as_of=MONDAY),
    ]
    assert len({link(settings), *others}) == 5


def test_the_link_of_a_whole_list_is_about_no_learner(settings):
    read = read_token(settings, token(list_link(settings, coach_id="cch_1", as_of=MONDAY)), today=MONDAY)
    assert read.enrolment == ""


def test_a_link_of_nobody_on_this_list_finds_nobody(settings):
    read = read_token(settings, token(link(settings)), today=MONDAY)
    with pytest.raises(LinkElsewhere, match="another coach"):
        meant_by(settings, read.coach, kind="coach", ids=["cch_0", "cch_2"])
    with pytest.raises(LinkElsewhere, match="not on this list"):
        meant_by(settings, read.enrolment, kind="enrolment", ids=[])


def test_a_link_ends_two_weeks_after_its_monday(settings):
    last_day = MONDAY + dt.timedelta(days=14)
    assert read_token(settings, token(link(settings)), today=last_day).last_day == last_day
    with pytest.raises(LinkExpired, match="2026-12-07"):
        read_token(settings, token(link(settings)), today=last_day + dt.timedelta(days=1))


def test_any_changed_character_is_noticed(settings):
    whole = token(link(settings))
    for place, character in enumerate(whole):
        changed = whole[:place] + ("0" if character != "0" else "1") + whole[place + 1 :]
        with pytest.raises(LinkAltered):
            read_token(settings, changed, today=MONDAY)


def test_another_schools_key_signs_nothing_here(settings, tmp_path):
    other = Settings(school="ai_school", home=tmp_path, key=KEY + "!")
    with pytest.raises(LinkAltered):
        read_token(settings, token(link(other)), today=MONDAY)


@given(text=st.text(max_size=300))
def test_whatever_else_is_sent_as_a_token_is_refused(settings, text):
    with pytest.raises(LinkAltered):
        read_token(settings, text, today=MONDAY)


def test_one_setting_puts_the_desk_behind_a_host_name(tmp_path):
    named = Settings(school="ai_school", home=tmp_path, key=KEY, desk_url="https://desk.school.example/")
    assert link(named).startswith("https://desk.school.example/answer/20261123.")
    here = Settings(school="ai_school", home=tmp_path, key=KEY, desk_port=8411)
    assert link(here).startswith("http://127.0.0.1:8411/answer/")


def test_a_proposed_verdict_is_no_part_of_what_is_signed(settings):
    assert link(settings, verdict="not_useful") == f"{link(settings)}?verdict=not_useful"
