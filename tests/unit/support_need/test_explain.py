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
    "hand_in_lead_days_sum": 4,
    "other_completed_count": 1,
    "other_failed_count": 0,
    "other_dropped_out_count": 2,
    "other_running_count": 1,
    "other_scored_count": 5,
    "other_score_pct_sum": 310.0,
    "week_of_training": 4,
}


def test_a_reason_can_be_read_aloud():
    assert sentence("work_missing", "en", ROW) == "Assignments handed in: 2 of 4 due so far"
    assert (
        sentence("absence_recent", "nl", ROW) == "Gemiste halve dagen in de laatste vier weken: 9 van de 40"
    )
    assert sentence("score_level", "fr", ROW).startswith(
        "Note moyenne jusqu'ici\N{NO-BREAK SPACE}: 52 sur 100"
    )
    assert sentence("work_late", "en", ROW, strength=True) == "Assignments handed in on time: 2 of 3"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(BY_NAME))
@pytest.mark.parametrize("strength", [False, True])
def test_every_sentence_is_filled_from_the_counts_of_its_feature(code, language, strength):
    template = BY_NAME[code].sentences[language][strength]
    named = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    assert named
    assert named <= set(facts(ROW))
    said = sentence(code, language, ROW, strength=strength)
    assert "{" not in said
    assert not re.search(r"\d[.,]\d", said)


def test_the_three_languages_say_the_same_counts():
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


def test_a_missing_count_is_named():
    with pytest.raises(ValueError, match="due_count"):
        sentence("work_missing", "en", {**ROW, "due_count": None})
