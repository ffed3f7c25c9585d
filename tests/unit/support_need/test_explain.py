from __future__ import annotations

import datetime as dt
import re
import string

import numpy as np
import pandas as pd
import pytest

from support_need.explain import LEAST_TERM, REASON_COLUMNS, STRENGTH_COLUMN, facts, reasons, sentence
from support_need.features import BY_NAME, FEATURES
from support_need.pipeline import FittedTarget, prepare
from support_need.sentences import LANGUAGES
from support_need.spec import PLAIN_RULE, Choices
from support_need.told_dates import period, told_dates
from support_need.train import train


@pytest.fixture(scope="module")
def rows(school) -> pd.DataFrame:
    return prepare(school[0][school[0]["week_of_training"] == 8])


@pytest.fixture(scope="module")
def fitted(school) -> FittedTarget:
    choices = Choices(
        as_of=dt.date(2022, 1, 3),
        targets=("completes",),
        ranked_by="completes",
        days=(28,),
        min_mature_enrolments=80,
        capacity=6,
    )
    return train(*school, choices=choices).model.by_target["completes"]


def test_reasons_are_the_largest_terms_of_the_sum(fitted, rows):
    told, terms = reasons(fitted, rows), fitted.contributions(rows)
    first = told["reason_1_code"].dropna()
    assert len(first) > 50
    changeable = [feature.name for feature in FEATURES if feature.is_changeable and feature.name in terms]
    for at, code in first.items():
        worse = [name for name in changeable if BY_NAME[name].sign * rows.loc[at, name] > 0]
        assert terms.loc[at, code] == terms.loc[at, worse].max() >= LEAST_TERM


def test_only_what_can_change_is_told(fitted, rows):
    told = set(np.ravel(reasons(fitted, rows).to_numpy())) - {np.nan}
    codes = {code for code in told if isinstance(code, str)}
    assert codes
    assert all(BY_NAME[code].is_changeable for code in codes)


def test_no_topic_is_told_twice(fitted, rows):
    told = reasons(fitted, rows)
    columns = [*REASON_COLUMNS, STRENGTH_COLUMN]
    topics = told[columns].map(lambda code: BY_NAME[code].topic if isinstance(code, str) else None)
    assert told["reason_2_code"].notna().any()
    for row in topics.itertuples(index=False):
        known = [topic for topic in row if isinstance(topic, str)]
        assert len(known) == len(set(known))


def test_a_learner_like_all_others_has_no_reason(fitted, rows):
    usual = rows.assign(**{feature.name: 0.0 for feature in FEATURES})
    assert reasons(fitted, usual).isna().all(axis=None)


def test_the_rule_tells_its_points(rows):
    told = reasons(FittedTarget(candidate=PLAIN_RULE, stages={}), rows)
    missed = rows["points_of_work_missing"] > 0
    assert missed.any()
    assert (
        told.loc[missed & (rows["points_of_absence_recent"] < 4), "reason_1_code"] == "work_missing"
    ).all()
    assert not (told.loc[~missed, list(REASON_COLUMNS)] == "work_missing").any(axis=None)


ROW = {
    "prior_attempts_count": 1,
    "credits_studied": 60.0,
    "education_isced": 3,
    "enrolled_lead_days": 30,
    "planned_half_days_count": 100,
    "attended_half_days_count": 85,
    "unexcused_count": 3,
    "planned_half_days_count_4w": 40,
    "attended_half_days_count_4w": 31,
    "late_count_4w": 2,
    "active_days_count_1w": 1,
    "active_days_count_4w": 9,
    "pre_start_active_days_count": 0,
    "due_count": 4,
    "handed_in_of_due_count": 2,
    "handed_in_count": 3,
    "late_hand_in_count": 1,
    "scored_count": 2,
    "score_pct_sum": 105.0,
    "other_completed_count": 1,
    "other_failed_count": 0,
    "other_dropped_out_count": 2,
    "other_running_count": 1,
    "other_scored_count": 5,
    "other_score_pct_sum": 310.0,
    "week_of_training": 4,
    "as_of_date": pd.Timestamp(2027, 1, 25),
    "start_date": pd.Timestamp(2026, 9, 7),
    "last_due_date": pd.Timestamp(2027, 1, 9),
}


def test_a_reason_can_be_read_aloud():
    assert sentence("work_missing", "en", ROW) == (
        "Assignments handed in: 2 of 4 due by Sunday 24 January (the last one due on 9 January)"
    )
    assert sentence("absence_recent", "nl", ROW) == (
        "Gemiste halve dagen van maandag 28 december 2026 tot en met zondag 24 januari 2027: 9 van de 40"
    )
    assert sentence("activity_last_week", "fr", ROW) == (
        "Jours d'activité en ligne du lundi 18 au dimanche 24 janvier\N{NO-BREAK SPACE}: 1 sur 7"
    )
    assert sentence("work_late", "en", ROW, strength=True) == (
        "Assignments handed in on time since the start on 7 September 2026: 2 of 3"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(BY_NAME))
@pytest.mark.parametrize("strength", [False, True])
def test_every_sentence_is_filled_from_the_counts_of_its_feature(code, language, strength):
    template = BY_NAME[code].sentences[language][strength]
    named = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    assert named
    dates = told_dates(ROW, weeks=BY_NAME[code].weeks, language=language)
    assert named <= set(facts(ROW)) | set(dates)
    said = sentence(code, language, ROW, strength=strength)
    assert "{" not in said
    assert not re.search(r"\d[.,]\d", said)


def test_what_a_learner_can_change_is_dated():
    for feature in FEATURES:
        for template in (text for pair in feature.sentences.values() for text in pair):
            dates = set(re.findall(r"{(\w+)}", template)) & {"period", "start", "until", "due"}
            assert dates or not feature.is_changeable, template
            assert ("period" in dates) == (feature.weeks is not None), template


def test_a_window_is_as_long_as_the_panel_promises():
    windows = {feature.name: feature.weeks for feature in FEATURES if feature.weeks is not None}
    assert windows == {
        "absence_recent": 4,
        "absence_trend": 4,
        "lateness_recent": 4,
        "activity_recent": 4,
        "activity_last_week": 1,
    }


def test_the_same_monday_gives_the_same_dates_in_every_language():
    """Days are the same in each language, the words around them its own; and none comes from the clock."""
    for feature in FEATURES:
        days = {
            tuple(
                re.findall(r"\d+", " ".join(told_dates(ROW, weeks=feature.weeks, language=language).values()))
            )
            for language in LANGUAGES
        }
        assert len(days) == 1, feature.name
    assert told_dates({}, weeks=4, language="en") == {}


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2025-05-05", "2025-05-18", "from Monday 5 to Sunday 18 May"),
        ("2025-04-28", "2025-05-18", "from Monday 28 April to Sunday 18 May"),
        ("2024-05-06", "2025-05-18", "from Monday 6 May 2024 to Sunday 18 May 2025"),
    ],
)
def test_a_period_repeats_only_what_differs(first, last, said):
    assert period(dt.date.fromisoformat(first), dt.date.fromisoformat(last), "en") == said


def test_the_three_languages_say_the_same_counts_and_dates():
    for feature in FEATURES:
        for kind in (0, 1):
            counts = {
                tuple(sorted(re.findall(r"{(\w+)}", feature.sentences[language][kind])))
                for language in LANGUAGES
            }
            assert len(counts) == 1, feature.name


def test_an_unknown_code_or_language_is_refused():
    with pytest.raises(ValueError, match="no sentence for 'gender'"):
        sentence("gender", "en", ROW)
    with pytest.raises(ValueError, match="in 'de'"):
        sentence("work_missing", "de", ROW)


def test_a_missing_count_or_date_is_named():
    with pytest.raises(ValueError, match="due_count"):
        sentence("work_missing", "en", {**ROW, "due_count": None})
    with pytest.raises(ValueError, match="'period'"):
        sentence("absence_recent", "en", {**ROW, "as_of_date": None})
    with pytest.raises(ValueError, match="'start'"):
        sentence("work_late", "en", {**ROW, "start_date": pd.NaT})
