"""Frames in, words out: what a coach may read, and what no coach may ever read."""

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from passerelle.answer_links import VERDICTS
from passerelle.errors import ReportError
from passerelle.reports.cohort_view import Curve
from passerelle.reports.learner_weeks import WeekRow
from passerelle.reports.render import as_html, as_text
from passerelle.reports.report import Report
from sample_edition import COHORT_ONLY, DUTCH, ENGLISH, FRENCH, PEOPLE, edition, risk_list, stale
from support_need.spec import PROTECTED


def report_of(owner: str, **changes: Any) -> Report:
    return next(report for report in edition(**changes).reports() if report.owner_id == owner)


def changed(owner: str, **values: Any) -> pd.DataFrame:
    return risk_list(owner).assign(**values)


def all_texts(value: object) -> Iterator[str]:
    if isinstance(value, Curve):
        yield value.description
    elif isinstance(value, WeekRow):
        yield from value.cells
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from all_texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from all_texts(item)
    elif isinstance(value, str):
        yield value


def test_every_owner_of_a_list_gets_one_report_in_the_coachs_own_language() -> None:
    assert [(report.owner_id, report.language) for report in edition().reports()] == [
        (COHORT_ONLY, "en"),
        (FRENCH, "fr"),
        (DUTCH, "nl"),
        (ENGLISH, "en"),
    ]


def test_a_coach_without_a_known_language_gets_the_schools() -> None:
    coaches = edition().material.coaches.assign(language=None)
    assert report_of(FRENCH, coaches=coaches).language == "en"


@pytest.mark.parametrize("language", ["de", "nl"])
def test_a_language_that_the_school_does_not_have_is_refused(language: str) -> None:
    playbooks = {"fr": edition().playbooks["fr"], "en": edition().playbooks["en"]}
    coaches = edition().material.coaches.assign(language=language)
    with pytest.raises(ReportError, match=f"'{language}'") as error:
        report_of(FRENCH, coaches=coaches, playbooks=playbooks)
    assert error.value.allowed == "fr, en"


def test_exactly_the_listed_are_named_in_the_order_of_the_list() -> None:
    rows = risk_list(DUTCH)
    rows["list_place"] = rows["list_place"].max() + 1 - rows["list_place"]
    report = report_of(DUTCH, risk_list=rows)
    assert [learner.name for learner in report.listed] == PEOPLE[DUTCH][5::-1]


def test_more_names_than_the_coachs_capacity_are_refused() -> None:
    with pytest.raises(ReportError, match="lists 7 learners") as error:
        report_of(DUTCH, risk_list=changed(DUTCH, is_listed=[True] * 7 + [False] * 3))
    assert "at most 6" in error.value.allowed


def test_a_card_says_the_facts_the_strength_and_the_conversation_of_the_first_reason() -> None:
    first = report_of(ENGLISH).listed[0]
    assert first.name == "Chidinma Okonkwo"
    assert first.cohort == "ANT-2026-01 · Week 22"
    assert first.reasons == (
        "Half-days missed from Monday 26 October to Sunday 22 November: 9 of 38",
        "Assignments handed in: 5 of 7 due by Sunday 22 November (the last one due on 9 November)",
        "Late arrivals from Monday 26 October to Sunday 22 November: 5 of 38 half-days",
    )
    assert first.strength == (
        "Going well: Average mark of the work due by Sunday 22 November: 62 out of 100 (assignments marked: 5)"
    )
    assert first.conversation.ask == "I missed you in class. What made it hard to come?"


def test_a_learner_without_a_single_fact_gets_the_open_conversation() -> None:
    last = report_of(ENGLISH).listed[-1]
    assert last.reasons == ()
    assert last.conversation.ask.startswith("How is it going")


def test_a_school_that_ranks_by_work_is_told_about_work() -> None:
    school = edition().school
    by_work = school.model_copy(update={"model": school.model.model_copy(update={"ranked_by": "placed"})})
    report = report_of(ENGLISH, school=by_work)
    assert report.listed[0].band.sentence.endswith("had no job 180 days after leaving.")
    assert "would find work" in report.notice[1]


def test_the_plain_rule_gives_no_estimate_and_says_so() -> None:
    report = report_of(ENGLISH, risk_list=changed(ENGLISH, basis="plain_rule", is_near_cut=False))
    assert {learner.band.tenths for learner in report.listed} == {None}
    assert "no estimate" in report.listed[0].band.sentence
    assert "often wrong" in report.notice[0]
    assert "plain rule" in report.about[0]
    assert len(report.others) == 2


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (
            0.01,
            "Most people on this list would be fine. Nearly all of these 6 would finish without extra help.",
        ),
        (0.3, "Most people on this list would be fine. About 4 of these 6 would finish without extra help."),
        (0.7, "The list is often wrong. About 2 of these 6 would finish without extra help."),
        (0.99, "The list is often wrong. Many people on it would be fine without extra help."),
    ],
)
def test_the_notice_claims_no_more_than_the_models_own_count(probability: float, said: str) -> None:
    report = report_of(ENGLISH, risk_list=changed(ENGLISH, support_need_probability=probability))
    assert " ".join(report.notice[:2]) == said
    assert "You decide" in report.notice[2]


def test_whoever_is_not_listed_is_counted_and_silence_is_not_called_safety() -> None:
    assert report_of(ENGLISH).others == (
        "3 more of your learners are not on the list.",
        "Not being on the list does not mean that all is well.",
    )


@pytest.mark.parametrize(
    ("owner", "label", "more"),
    [
        (FRENCH, "C'était limite pour\N{NO-BREAK SPACE}:", "et 3 autres"),
        (DUTCH, "Het was op het randje bij:", "en nog 3"),
        (ENGLISH, "It was close for:", "and 3 more"),
    ],
)
def test_those_just_outside_the_list_are_named_the_next_ones_first_and_the_rest_counted(
    owner: str, label: str, more: str
) -> None:
    rows = changed(
        owner, is_listed=[True] + [False] * 9, is_near_cut=True, is_just_outside=[False] + [True] * 9
    )
    rows["list_place"] = [1, *range(10, 1, -1)]
    near = report_of(owner, risk_list=rows).just_outside
    assert near is not None
    assert (near.label, near.more) == (label, more)
    assert near.names == tuple(sorted(PEOPLE[owner][4:9]))


def test_whoever_was_not_scored_is_never_named_as_close() -> None:
    near = report_of(ENGLISH, risk_list=changed(ENGLISH, is_near_cut=True, is_just_outside=True)).just_outside
    assert near is not None
    assert near.names == tuple(sorted(PEOPLE[ENGLISH][6:9]))


def test_whoever_drew_no_place_is_counted_and_not_named() -> None:
    rows = changed(ENGLISH, list_change=None, is_just_outside=False)
    report = report_of(ENGLISH, risk_list=rows)
    assert report.just_outside is None
    assert report.others[1] == "For one more of your learners it was close."
    assert PEOPLE[ENGLISH][6] not in as_html(report) + as_text(report)
    among_others = rows.assign(is_near_cut=True, is_just_outside=[False] * 8 + [True] * 2)
    near = report_of(ENGLISH, risk_list=among_others).just_outside
    assert near is not None
    assert (near.names, near.more) == ((PEOPLE[ENGLISH][8],), "and 2 more")


def test_whoever_was_not_scored_is_named_with_the_reason_and_counted_in_no_other_line() -> None:
    report = report_of(FRENCH)
    assert report.not_scored_heading == "La liste ne dit rien de 1 personne"
    assert [(group.label, group.names) for group in report.not_scored] == [
        ("Il s'est passé trop peu de choses", ("Salma Zerrouki",))
    ]


def test_a_crowd_that_was_not_scored_is_counted_after_forty_names() -> None:
    one = risk_list(COHORT_ONLY).tail(1)
    crowd = pd.concat([one] * 1300, ignore_index=True).assign(
        learner_id=[f"lrn_{n:016x}" for n in range(1300)]
    )
    (group,) = report_of(COHORT_ONLY, risk_list=crowd).not_scored
    assert len(group.names) == 40
    assert group.more == "and 1,260 more"


def test_a_reason_for_not_scoring_without_words_is_refused() -> None:
    with pytest.raises(ReportError, match=r"not_scored\.mercury_in_retrograde"):
        report_of(FRENCH, risk_list=changed(FRENCH, not_scored_reason="mercury_in_retrograde"))


def test_a_reason_without_a_sentence_is_refused() -> None:
    with pytest.raises(ReportError, match="'shoe_size'") as error:
        report_of(FRENCH, risk_list=changed(FRENCH, reason_1_code="shoe_size"))
    assert "sentences.py" in error.value.fix


def test_a_reason_whose_fact_did_not_arrive_is_refused() -> None:
    with pytest.raises(ReportError, match="needs the fact"):
        report_of(FRENCH, risk_list=risk_list(FRENCH).drop(columns="planned_half_days_count_4w"))


def test_a_week_in_which_nobody_stands_out_is_still_a_report() -> None:
    report = report_of(FRENCH, risk_list=changed(FRENCH, is_listed=False))
    assert report.listed == ()
    assert report.notice == (
        "Personne ne ressort cette semaine. Cela ne veut pas dire que tout va bien pour tout le monde.",
    )
    assert "9 autres personnes" in report.others[0]


def test_a_week_without_scores_does_not_say_that_nobody_stands_out() -> None:
    nobody = {"is_listed": False, "not_scored_reason": "no_score", "basis": None, "model_version": None}
    report = report_of(ENGLISH, risk_list=changed(ENGLISH, **nobody))
    assert report.notice == ("There is no list this week: nobody could be scored.",)
    assert report.others == ()
    assert report.not_scored_count == 10
    assert "model" not in " ".join(report.about)


def test_a_person_whom_the_vault_does_not_know_is_a_short_pseudonym() -> None:
    people = edition().material.learner_people.iloc[:0]
    report = report_of(DUTCH, learner_people=people)
    assert report.listed[0].name == "Cursist 00000001"


def test_an_empty_name_is_a_short_pseudonym() -> None:
    people = edition().material.learner_people.assign(first_name="\u202e", last_name=None)
    assert report_of(ENGLISH, learner_people=people).listed[0].name == "Learner 00000002"


def test_a_cohort_without_a_coach_has_its_own_report() -> None:
    report = report_of(COHORT_ONLY)
    assert report.title == "Cohort GNT-2026-02 this week"
    assert report.owner_name == ""
    assert report.listed[0].cohort == "Week 9"


def test_what_has_stopped_coming_is_named_with_its_system_and_campus_to_whom_it_concerns() -> None:
    late = stale(
        ("activity_days", "lms", "Antwerp", "2026-11-12 20:00"),
        ("attendance", "lms", "Antwerp", "2026-11-11 17:00"),
        ("attendance", "lms", "Ghent", "2026-11-16 17:00"),
        ("outcome_events", "vdab", "Antwerp", None),
    )
    assert report_of(ENGLISH, stale=late).stale == (
        "Antwerp: online activity and attendance (system lms). The last we received is of 12 November 2026.",
        "Antwerp: jobs and other outcomes (system vdab). Nothing was received in the last three months.",
    )
    assert report_of(DUTCH, stale=late).stale == (
        "Ghent: aanwezigheid (systeem lms). Het laatste dat we kregen is van 16 november 2026.",
    )
    assert report_of(FRENCH, stale=late).stale == ()


def test_the_report_says_as_of_when_it_is_true() -> None:
    assert report_of(FRENCH).data_date == (
        "Ne tient compte que de ce qui était connu avant le lundi 23 novembre 2026, 00:00."
    )


@pytest.mark.parametrize("owner", [FRENCH, DUTCH, ENGLISH, COHORT_ONLY])
def test_no_decimals_ranks_or_protected_attributes_are_ever_said(owner: str) -> None:
    rows = risk_list(owner).assign(**dict.fromkeys(sorted(PROTECTED), "planted"))
    texts = list(all_texts(report_of(owner, risk_list=rows)))
    said = " ".join(texts)
    assert len(texts) > 40
    assert "planted" not in said
    assert not re.search(r"\d[.,]\d", said)
    assert not any(
        re.match(r"(#|n°|nr\.? ?)?\d+[.)]? [A-Z]", text) for text in texts if text not in PEOPLE[owner]
    )


def test_a_card_says_the_last_contact_and_leads_to_the_answer() -> None:
    actions = pd.DataFrame(
        {"action_date": [dt.date(2026, 11, 3)], "outcome_code": ["better"]}, index=[f"E-{ENGLISH[-4:]}-00"]
    )
    made = edition(
        actions=actions,
        answer_address=lambda coach, enrolment, verdict: f"http://desk.test/{coach}/{enrolment}?{verdict}",
    )
    report = next(report for report in made.reports() if report.owner_id == ENGLISH)
    assert report.listed[0].last_action == "Last contact: 3 November 2026. Attendance is better since."
    assert report.listed[1].last_action == ""
    page, text = as_html(report), as_text(report)
    for learner in report.listed:
        assert [reply.address.partition("?")[2] for reply in learner.replies] == list(VERDICTS)
        for reply in learner.replies:
            assert reply.address.startswith(f"http://desk.test/{ENGLISH}/E-")
            assert f'href="{reply.address}"' in page
            assert reply.address in text.split()
            assert reply.spoken == f"{reply.label}: {learner.name}"


def test_a_cohort_without_a_coach_and_a_school_without_a_desk_have_no_links() -> None:
    made = edition(answer_address=lambda *_: "http://desk.test")
    report = next(report for report in made.reports() if report.owner_id == COHORT_ONLY)
    assert {learner.replies for learner in report.listed} == {()}
    assert {
        learner.replies for each in edition(answer_address=None).reports() for learner in each.listed
    } == {()}
