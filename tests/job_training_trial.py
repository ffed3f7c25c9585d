"""A job-training trial as a school of contract files: real men, an invented calendar.

``python tests/job_training_trial.py FOLDER`` writes the files. The men are the 445 of the National Supported Work trial
whom Dehejia and Wahba (1999) kept, as the package ``causaldata`` ships them (MIT licence).

**Real:** who got the training by lot, his age and years of schooling, whether he earned anything in 1978 (``placed``).
**Invented, because the file has no dates:** forty classes, two with and two without the training in each half-year
from 2016 on, a man in one of them by lot; twelve weeks of training; a job 90 days after the last of them; the answer
of the others, without a job, at the end of the horizon. As the lot says who is in which class, a later class differs
from an earlier one by chance alone.
**Left out:** race and marital status, for which the contract has no column; earnings in 1974 and 1975, because the
model refuses ``unemployment_months``, the one column that they could fill. Age is a birth year, which only the audit
reads.
"""

from __future__ import annotations

import datetime as dt
import sys
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pandas as pd

_LOT = 1978
_HALF_YEARS, _CLASSES = 10, 2
_TRAINING_WEEKS, _JOB_AFTER_DAYS, _HORIZON_DAYS = 12, 90, 180
_FILE_DATE = "2021-09-01"


def read_trial() -> pd.DataFrame:
    """One row per man, as the package has them."""
    with as_file(files("causaldata") / "nsw_mixtape" / "nsw_mixtape.dta") as path:
        return pd.read_stata(path)


def write_files(folder: Path) -> None:
    """Write the contract files of the trial."""
    folder.mkdir(parents=True, exist_ok=True)
    for entity, frame in contract_frames(read_trial()).items():
        frame.to_csv(folder / f"{entity}_{_FILE_DATE}.csv", index=False)


def contract_frames(trial: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Entity to its rows, in the shapes of the school contract.

    Parameters
    ----------
    trial : pandas.DataFrame
        As ``read_trial`` gives it.
    """
    men = _in_classes(trial)
    classes = men.drop_duplicates("cohort_id")
    ends = men["start_date"] + pd.Timedelta(weeks=_TRAINING_WEEKS)
    works = men["re78"] > 0
    told = ends + pd.to_timedelta(np.where(works, _JOB_AFTER_DAYS, _HORIZON_DAYS), unit="D")
    begun, left = (
        {
            "status_change_id": men["number"] + letter,
            "enrolment_id": men["number"],
            "status": status,
            "reason_code": "",
            "effective_date": date,
        }
        for letter, status, date in (("s", "started", men["start_date"]), ("e", "completed", ends))
    )
    return {
        "learners": _known(men["start_date"], learner_id=men["number"], gender="M", **_learner(men)),
        "trainings": _known(
            classes["start_date"].min(), training_id=["supported_work", "no_training"], title="", field=""
        ),
        "cohorts": _known(
            classes["start_date"],
            cohort_id=classes["cohort_id"],
            training_id=classes["training_id"],
            campus="not recorded",
            region="",
            employment_service="",
            start_date=classes["start_date"],
            training_end_date=classes["start_date"] + pd.Timedelta(weeks=_TRAINING_WEEKS),
            internship_end_date="",
        ),
        "enrolments": _known(
            men["start_date"],
            enrolment_id=men["number"],
            learner_id=men["number"],
            cohort_id=men["cohort_id"],
            prior_attempts_count="",
            credits_studied="",
            wants_work_in_field="",
            enrolled_date="",
        ),
        "enrolment_status_changes": pd.concat(
            [_known(men["start_date"], **begun), _known(ends, **left)], ignore_index=True
        ),
        "outcome_events": _known(
            told,
            outcome_event_id=men["number"],
            learner_id=men["number"],
            job_id=men["number"].where(works, ""),
            event_type=np.where(works, "job_start", "seeking"),
            source="interview",
            evidence_class="self_report",
            **dict.fromkeys(("contract_type", "subsidised_scheme", "isco08", "hours_pct"), ""),
            **dict.fromkeys(("employer_is_partner", "employer_is_school"), ""),
            event_date=told,
        ),
    }


def _in_classes(trial: pd.DataFrame) -> pd.DataFrame:
    """Give each man a number, and by lot a class of his arm."""
    starts = [_first_monday(2016 + half // 2, 1 + half % 2 * 6) for half in range(_HALF_YEARS)]
    parts = []
    for arm, men in trial.groupby("treat", sort=True):
        drawn = np.random.default_rng([_LOT, int(arm)]).permutation(len(men))
        place = drawn % (_HALF_YEARS * _CLASSES)
        training = "supported_work" if arm else "no_training"
        parts.append(
            men.assign(
                number=(men.index + 1).astype(str),
                training_id=training,
                cohort_id=[f"{training}-{one:02d}" for one in place],
                start_date=pd.to_datetime([starts[one // _CLASSES] for one in place]),
            )
        )
    return pd.concat(parts)


def _first_monday(year: int, month: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=-first.weekday() % 7)


def _learner(men: pd.DataFrame) -> dict[str, object]:
    """Birth year, and schooling as ISCED: at most six years 1, no diploma 2, diploma 3, sixteen years 6."""
    blank = ("nationality_group", "home_language", "preferred_language", "unemployment_months")
    isced = np.select([men["educ"] <= 6, men["nodegree"] == 1, men["educ"] < 16], [1, 2, 3], default=6)
    return {
        "age_band": "",
        "birth_year": men["start_date"].dt.year - men["age"],
        "education_isced": isced,
        **dict.fromkeys((*blank, "has_migration_background", "has_disability"), ""),
    }


def _known(when: pd.Series | pd.Timestamp, **columns: object) -> pd.DataFrame:
    """Rows known at eight in the evening of a day."""
    rows = pd.DataFrame(columns)
    known_at = pd.Series(when).dt.strftime("%Y-%m-%dT20:00:00Z").to_numpy()
    return rows.assign(known_at=known_at if len(known_at) == len(rows) else known_at[0])


if __name__ == "__main__":
    write_files(Path(sys.argv[1]))
