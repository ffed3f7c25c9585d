"""An edition on hand-made frames: three coaches, one per language, and a cohort without a coach."""

import datetime as dt
from typing import Any

import pandas as pd

from passerelle.reports.material import Material
from passerelle.reports.playbook import read_playbook
from passerelle.reports.view import Edition
from passerelle.school import load_school
from support_need import explain

MONDAY = dt.date(2026, 11, 23)
FRENCH, DUTCH, ENGLISH = "cch_000000000000000a", "cch_000000000000000b", "cch_000000000000000c"
COHORT_ONLY = "GNT-2026-02"
VERSION = "2026-11-23-ab12cd34"
CAMPUSES = {
    "BRU": "Brussels",
    "GNT": "Ghent",
    "ANT": "Antwerp",
    "CRL": "Charleroi",
    "HAS": "Hasselt",
    "KOR": "Kortrijk",
}
COUNTS = {
    "prior_attempts_count": 0,
    "credits_studied": None,
    "enrolled_lead_days": 40,
    "planned_half_days_count": 104,
    "attended_half_days_count": 88,
    "late_count": 9,
    "unexcused_count": 8,
    "planned_half_days_count_4w": 38,
    "attended_half_days_count_4w": 29,
    "late_count_4w": 5,
    "unexcused_count_4w": 6,
    "active_days_count_1w": 2,
    "active_days_count_4w": 11,
    "pre_start_active_days_count": 3,
    "due_count": 7,
    "last_due_date": pd.Timestamp(2026, 11, 9),
    "handed_in_count": 5,
    "handed_in_of_due_count": 5,
    "late_hand_in_count": 2,
    "scored_count": 5,
    "score_pct_sum": 310.0,
}
PATTERNS = [
    (0.62, ["absence_recent", "work_missing", "lateness_recent"], "score_level"),
    (0.47, ["work_missing", "activity_last_week"], "lateness_recent"),
    (0.44, ["absence_unexcused"], "work_late"),
    (0.38, ["score_level", "work_late"], "absence_recent"),
    (0.33, ["lateness_recent"], None),
    (0.31, [], "work_handed_in"),
    (0.29, ["work_late"], "absence_recent"),
    (0.12, [], "absence_recent"),
    (0.06, [], "score_level"),
]
CHANGES = ["still", "new", "better", "new", "new", "still", "off", None, None, None]
WEEKS_ON_LIST = [3, 1, 2, 1, 1, 5, None, None, None, None]
PEOPLE = {
    owner: names.split(", ")
    for owner, names in {
        FRENCH: "Amélie Dupont, Youssef El Amrani, Loïc D'Hoop, Oksana Kovalenko, Jean-Baptiste Noël, "
        "Zoé de la Croix, Hamza Benali, Inès Piérard, Benoît Hérin, Salma Zerrouki",
        DUTCH: "Wout D'Hondt, Maaike Van den Broeck, Elif Yılmaz, Pieter-Jan 't Jaeckx, Noor Ben Saïd, "
        "Griet Vermeulen-Maes, Stijn De Smet, Razvan Popescu, Lotte Claeys, Daan Coöman",
        ENGLISH: "Chidinma Okonkwo, Séan O'Brien, Kwame Mensah, Dmytro Shevchenko, Grace Boateng, "
        "Małgorzata Wójcik, Emre Çelik, Blessing Nwosu, Samuel Mbeki, Aoife McCarthy",
        COHORT_ONLY: "Fien Peeters, Jef Janssens, Imane Lahlou, Koen Vandenberghe, Hilde Claeys, "
        "Raf Peeters, Nour Haddouchi, Tijs De Smet, Eline Maes, Seppe Joris",
    }.items()
}
COACHES = {
    FRENCH: ("fr", "Sophie", "Lambert", "sophie.lambert@school.test"),
    DUTCH: ("nl", "Bart", "Mertens", "bart.mertens@school.test"),
    ENGLISH: ("en", "Nadia", "Rahmani", None),
}
COHORTS = {
    FRENCH: [("BRU-2026-02", 12), ("BRU-2026-04", 3)],
    DUTCH: [("GNT-2026-03", 9)],
    ENGLISH: [("ANT-2026-01", 22), ("ANT-2026-03", 7)],
    COHORT_ONLY: [(COHORT_ONLY, 9)],
}


def risk_list(owner: str) -> pd.DataFrame:
    rows = [_row(owner, place, *pattern) for place, pattern in enumerate([*PATTERNS, (None, [], None)])]
    return pd.DataFrame(rows)


def _row(
    owner: str, place: int, probability: float | None, reasons: list[str], strength: str | None
) -> dict[str, Any]:
    cohort, week = COHORTS[owner][place % len(COHORTS[owner])]
    codes = [*reasons, None, None, None]
    return COUNTS | {
        "enrolment_id": f"E-{owner[-4:]}-{place:02}",
        "as_of_date": MONDAY,
        "learner_id": learner_id(owner, place),
        "coach_id": owner if owner in COACHES else None,
        "cohort_id": cohort,
        "campus": CAMPUSES[cohort[:3]],
        "week_of_training": week,
        "start_date": pd.Timestamp(MONDAY - dt.timedelta(weeks=week)),
        "list_owner_id": owner,
        "support_need_probability": probability,
        "probability_low": probability and probability - 0.11,
        "probability_high": probability and probability + 0.13,
        "is_near_cut": 4 <= place < 7,
        "is_just_outside": place == 6,
        "basis": "model",
        "model_version": VERSION,
        "list_position": place + 1,
        "list_place": place + 1,
        "list_change": CHANGES[place],
        "weeks_on_list": WEEKS_ON_LIST[place],
        "is_listed": place < 6,
        "is_also_check_in": place == 7,
        "reason_1_code": codes[0],
        "reason_2_code": codes[1],
        "reason_3_code": codes[2],
        "strength_1_code": strength,
        "not_scored_reason": None if probability is not None else "too_new",
        "planned_half_days_count_4w": 38 - place,
        "score_pct_sum": 310.0 + 9 * place,
        "active_days_count_1w": place % 4,
    }


def learner_id(owner: str, place: int) -> str:
    return f"lrn_{list(PEOPLE).index(owner):08x}{place:08x}"


def learner_weeks() -> pd.DataFrame:
    """Eight weeks of every second listed learner, four of the others; one week of them without classes."""
    rows = []
    for owner in PEOPLE:
        for place in range(6):
            weeks = range(8 if place % 2 == 0 else 4)
            days = [MONDAY - dt.timedelta(weeks=len(weeks) - week) for week in weeks]
            rows.append(
                {
                    "enrolment_id": f"E-{owner[-4:]}-{place:02}",
                    "week_first_days": [day.isoformat() for day in days],
                    "planned_half_days": [0 if week == 2 else 10 for week in weeks],
                    "attended_half_days": [0 if week == 2 else 10 - (week + place) % 4 for week in weeks],
                    "open_assignments": [week // 3 for week in weeks],
                    "active_days": [-1 if week == 0 else (week + place) % 6 for week in weeks],
                }
            )
    return pd.DataFrame(rows).set_index("enrolment_id")


def cohort_weeks() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "cohort_id": cohort,
                "as_of_date": MONDAY - dt.timedelta(weeks=last - week),
                "week_of_training": week,
                "active_count": 26 - week // 3,
                "attended_share_4w": 0.97 - 0.004 * week - (0.05 if week % 5 == 3 else 0) - 0.02 * (week % 2),
                "handed_in_share": None if week < 3 else 0.95 - 0.006 * week,
                "active_on_platform_count_1w": 22 - week // 3,
                "active_on_platform_share_1w": (22 - week // 3) / (26 - week // 3),
                "departed_count_1w": 0,
                "campus": CAMPUSES[cohort[:3]],
                "past_cohort_count": 40,
                "past_attended_share_4w": 0.95 - 0.003 * week,
                "past_active_on_platform_share_1w": 0.95,
            }
            for owned in COHORTS.values()
            for cohort, last in owned
            for week in range(1, last + 1)
        ]
    )


def forecasts() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("cohort", cohort, 0.84, 0.7, 0.93, 0)
            for owned in COHORTS.values()
            for cohort, week in owned
            if week > 3
        ]
        + [("campus", campus, 0.77, 0.66, 0.86, 2) for campus in CAMPUSES.values()]
        + [("school", "school", 0.76, 0.7, 0.82, 5)],
        columns=["scope_kind", "scope_id", "expected_share", "low_share", "high_share", "heads_missing"],
    ).assign(chance_target_holds=0.31, listed_count=24, chance_if_listed_placed=0.996)


def stale(*rows: tuple[str, str, str, str | None]) -> pd.DataFrame:
    """Rows of what has stopped coming: kind of fact, systems, campus, when the last was known."""
    frame = pd.DataFrame(rows, columns=["entity", "systems", "campus", "last_known_at"])
    return frame.assign(last_known_at=pd.to_datetime(frame["last_known_at"]))


def checks(**loud: str) -> pd.DataFrame:
    """What a watch found: one quiet check, and loud ones by subject."""
    rows = [("work_late", "missing", False), *((subject, check, True) for subject, check in loud.items())]
    return pd.DataFrame(rows, columns=["subject", "check", "is_alarm"])


def link(coach_id: str, enrolment_id: str, verdict: str) -> str:
    return f"https://desk.school.test/answer/{coach_id}.{enrolment_id}?verdict={verdict}"


def page_link(coach_id: str) -> str:
    return f"https://desk.school.test/report/{coach_id}"


def edition(**changes: Any) -> Edition:
    """The edition, for coaches only; keyword arguments replace fields of it, or of its material."""
    school = load_school("ai_school").model_copy(update={"overviews": ()})
    names = [
        (learner_id(owner, n), *name.split(" ", 1))
        for owner in PEOPLE
        for n, name in enumerate(PEOPLE[owner])
    ]
    fields: dict[str, Any] = {
        "risk_list": pd.concat([risk_list(owner) for owner in PEOPLE], ignore_index=True),
        "coaches": pd.DataFrame(
            {"coach_id": list(COACHES), "language": [coach[0] for coach in COACHES.values()]}
        ).set_index("coach_id"),
        "cohorts": pd.DataFrame(
            [(cohort, "Junior Data Scientist") for owned in COHORTS.values() for cohort, _ in owned],
            columns=["cohort_id", "training_title"],
        ).set_index("cohort_id"),
        "cohort_weeks": cohort_weeks(),
        "actions": pd.DataFrame({"action_date": [], "outcome_code": []}),
        "learner_people": pd.DataFrame(names, columns=["person_id", "first_name", "last_name"]).set_index(
            "person_id"
        ),
        "coach_people": pd.DataFrame(
            [(coach, *person[1:]) for coach, person in COACHES.items()],
            columns=["person_id", "first_name", "last_name", "email"],
        ).set_index("person_id"),
        "forecasts": forecasts(),
        "unanswered": pd.Series({FRENCH: 1, DUTCH: 4, COHORT_ONLY: 6}, name="name_count"),
        "learner_weeks": learner_weeks(),
        "past_lists": pd.DataFrame({"known_count": [212], "needed_count": [61]}),
        "stale": stale(),
        "checks": checks(),
        "school": school,
        "as_of": MONDAY,
        "playbooks": {language: read_playbook("ai_school", language) for language in school.languages},
        "sentence": explain.sentence,
        "answer_address": link,
        "page_address": page_link,
    } | changes
    material = Material(**{name: fields.pop(name) for name in Material.__dataclass_fields__})
    return Edition(material=material, **fields)
