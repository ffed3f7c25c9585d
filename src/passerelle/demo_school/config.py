"""What the simulator plays: ``schools/<school>/demo_school.toml``, typed, frozen and closed."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from passerelle.errors import ConfigError
from passerelle.school import school_dir
from passerelle.typed_files import Closed, read_toml

Share = Annotated[float, Field(ge=0, le=1)]


class Campus(Closed):
    """One campus: its region decides which employment service follows its learners."""

    code: str
    name: str
    region: Literal["BRU", "VLG", "WAL"]
    employment_service: Literal["actiris", "vdab", "forem"]
    coach_languages: tuple[Literal["fr", "nl", "en"], ...]


class KnownSchool(Closed):
    """What is publicly known of the school; ``trainings`` is code to title and field."""

    first_start: dt.date
    last_start: dt.date
    cohorts_per_school_year: int = Field(gt=0)
    cohort_size: tuple[int, int]
    training_weeks: int = Field(gt=0)
    internship_weeks: int = Field(gt=0)
    partners: tuple[str, ...]
    campuses: tuple[Campus, ...]
    trainings: dict[str, tuple[str, str]]

    @property
    def weeks(self) -> int:
        """Weeks from the first day to the end of the internship."""
        return self.training_weeks + self.internship_weeks


class Engagement(Closed):
    """Weekly engagement: a mean per learner and an AR(1) around it, in log-odds."""

    per_risk: float
    per_intake: float
    weekly_sd: float
    weekly_autocorrelation: Share


class Leaving(Closed):
    """Weekly hazard of leaving; ``drift`` swings the whole school over ``drift_years``.

    ``deceased_share`` is of those who leave neither for work nor by exclusion.
    """

    first_weeks: tuple[float, ...]
    training: float
    internship: float
    per_risk: float
    per_intake: float
    per_disengagement: float
    cohort_sd: float
    drift: float
    drift_years: float
    excluded_share: Share
    found_work_share: Share
    deceased_share: Share


class Support(Closed):
    """Coaches act where engagement was low last week; ``effect`` is the true one, in log-odds of leaving."""

    base: float
    per_disengagement: float
    effect: float
    lasts_weeks: int
    handover_share: Share


class Attendance(Closed):
    """Half-days; ``same_day`` is the chance that the afternoon follows the morning."""

    base: float
    per_engagement: float
    late_share: Share
    same_day: Share
    excused_share: Share
    internship_return_every_weeks: int = Field(gt=0)


class Activity(Closed):
    """Days on the learning platform, in log-odds of being active on a day."""

    base: float
    per_engagement: float
    weekend: float
    internship: float
    before_start: float
    before_start_days: int
    actions_mean: float


class Assignments(Closed):
    """Projects, quizzes and the final one; scores follow a skill per learner."""

    every_days: int = Field(ge=5)
    hand_in_base: float
    hand_in_per_engagement: float
    late_base: float
    late_per_disengagement: float
    score_mean: float
    score_sd: float
    score_correlation: Share
    score_per_risk: float


class Placement(Closed):
    """The first job: hired at once, or by a daily hazard whose sum over 180 days is given."""

    completed_at_once: Share
    completed_half_year_hazard: float
    left_early_at_once: Share
    left_early_half_year_hazard: float
    cooling_days: float
    per_risk: float
    per_intake: float
    climate: float
    climate_years: float
    cohort_sd: float
    internship_share: Share
    further_training_share: Share
    aims_at_field_share: Share


class Survey(Closed):
    """Follow-up after 3, 6 and 12 months; non-response per wave."""

    non_response: tuple[Share, Share, Share]
    answers_after_all_share: Share
    wrong_start_share: Share


class Records(Closed):
    """How the systems lag behind the facts."""

    late_share: Share
    corrected_share: Share
    register_coverage: Share
    returning_share: Share


class Exports(Closed):
    """When the learning platform's yearly files became nightly ones."""

    nightly_from: dt.date


class Assumed(Closed):
    """Everything that nobody told us."""

    engagement: Engagement
    leaving: Leaving
    support: Support
    attendance: Attendance
    activity: Activity
    assignments: Assignments
    placement: Placement
    survey: Survey
    records: Records
    exports: Exports


class DemoSchool(Closed):
    """What ``demo_school.toml`` says.

    Attributes
    ----------
    folder : str
        The school's folder, whose systems are played; not in the file.
    seed : int
        Seed of everything drawn.
    """

    folder: str
    seed: int
    school: KnownSchool
    assumed: Assumed


def load_config(school: str) -> DemoSchool:
    """Read and check ``schools/<school>/demo_school.toml``.

    Raises
    ------
    ConfigError
        The school has no simulator, or a key is unknown, missing or of the wrong type.
    """
    path = school_dir(school) / "demo_school.toml"
    if not path.is_file():
        raise ConfigError(
            f"the school '{school}' has no simulator",
            allowed="a school with a demo_school.toml",
            fix=str(path),
        )
    return read_toml(path, DemoSchool, folder=school)
