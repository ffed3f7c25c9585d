"""What a coach was told of one learner on one Monday, told again from what was kept then.

Everything comes from files that do not change: the score file of that Monday, the model that was in force (loaded only
if its digest is the recorded one) and that Monday's warehouse, built again where it is no longer kept. The reasons are
worked out anew from the model and have to be those that were stored: a difference is an error, not an answer.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from passerelle import steps
from passerelle.errors import ModelError
from passerelle.landing import Landing
from passerelle.model_inputs import in_force_on, monday_rows
from passerelle.school import School, load_school
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

_WHO = "select enrolment_id, learner_id from fct_enrolment"
#: Counts and dates come from where the reports take them.
_TOLD_FROM = "select * from mart_risk_list"


def explain(settings: Settings, who: str, as_of: dt.date) -> dict[str, Any]:
    """Tell again what was said of one learner.

    Parameters
    ----------
    settings : Settings
        Of the school.
    who : str
        An enrolment_id, or a learner's pseudonym.
    as_of : datetime.date
        The Monday.

    Returns
    -------
    dict
        The score, and per language at most three reasons, one strength and the band with whether it was close, each
        as the sentence that was shown; in ``terms`` what each fact added to the logit. The same input gives the same
        bytes, months later too.

    Raises
    ------
    ModelError
        The learner was not scored that Monday, or the reasons worked out anew are not those that were stored.
    """
    version, model = in_force_on(settings, as_of)
    scores = Landing(settings).scores(as_of=as_of, model_version=version)
    _stand_again(settings, as_of)
    warehouse = Warehouse(settings)
    people = warehouse.frame(_WHO, as_of=as_of)
    mine = people.loc[(people["enrolment_id"] == who) | (people["learner_id"] == who), "enrolment_id"]
    school = load_school(settings.school)
    ranked_by = school.model.ranked_by
    said = scores[scores["enrolment_id"].isin(mine) & (scores["target"] == ranked_by)]
    if said.empty:
        raise ModelError(
            f"'{who}' was not scored on {as_of}",
            allowed="an enrolment_id or learner_id that was in training that Monday",
            fix='passerelle query "select enrolment_id, learner_id from fct_enrolment where is_active"',
        )
    stored = said.iloc[0]
    panel = monday_rows(settings, as_of)
    terms = _worked_out_anew(model.by_target[ranked_by], panel, stored)
    told_from = warehouse.frame(_TOLD_FROM, as_of=as_of)
    row = told_from[told_from["enrolment_id"] == stored["enrolment_id"]].to_dict("records")[0]
    return _told(stored, row, terms, school) | {"model_version": version, "as_of": as_of.isoformat()}


def _stand_again(settings: Settings, as_of: dt.date) -> None:
    """Build that Monday's warehouse again, from what had landed by then, unless it is still kept."""
    if not Warehouse(settings).stands(as_of):
        steps.build(settings.school, as_of)
        steps.keep(settings.school, as_of)


def _worked_out_anew(fitted: Any, panel: pd.DataFrame, stored: pd.Series) -> dict[str, float]:
    from support_need.explain import REASON_COLUMNS, STRENGTH_COLUMN, reasons
    from support_need.pipeline import prepare

    rows = prepare(panel)
    place = rows.index[rows["enrolment_id"].astype(str) == stored["enrolment_id"]]
    anew = reasons(fitted, rows).loc[place[0]]
    if pd.isna(stored["not_scored_reason"]):
        for column in (*REASON_COLUMNS, STRENGTH_COLUMN):
            if _code(anew[column]) != _code(stored[column]):
                raise ModelError(
                    f"{column} of {stored['enrolment_id']} is now '{anew[column]}' and was '{stored[column]}'",
                    allowed="the reasons that were stored: neither the model nor what was known then may change",
                    fix="compare the code with that of the training run, and the warehouse with the landing",
                )
    return {name: float(value) for name, value in fitted.contributions(rows.loc[place]).iloc[0].items()}


def _code(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _told(stored: pd.Series, row: dict[str, Any], terms: dict[str, float], school: School) -> dict[str, Any]:
    from passerelle.reports.band import band
    from passerelle.reports.words import Words
    from support_need.explain import REASON_COLUMNS, STRENGTH_COLUMN, sentence
    from support_need.sentences import LANGUAGES

    codes = [code for column in REASON_COLUMNS if (code := _code(stored[column]))]
    strength = _code(stored[STRENGTH_COLUMN])
    is_scored = _code(stored["not_scored_reason"]) is None
    return {
        "enrolment_id": stored["enrolment_id"],
        "target": stored["target"],
        "basis": stored["basis"],
        "score_probability": None
        if pd.isna(stored["score_probability"])
        else float(stored["score_probability"]),
        "not_scored_reason": _code(stored["not_scored_reason"]),
        "told": {
            language: {
                "reasons": [sentence(code, language, row) for code in codes],
                "strength": sentence(strength, language, row, strength=True) if strength else None,
                "band": band(row, school=school, words=Words(language)).sentence if is_scored else None,
            }
            for language in LANGUAGES
        },
        "terms": terms,
    }
