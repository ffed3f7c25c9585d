import numpy as np
import pytest
import statsmodels.api as sm
from lifelines import KaplanMeierFitter
from scipy.special import expit

from support_need.hazard import MONTH_DAYS, fit_shared, person_months
from support_need.spec import SHOCK_SCALE

MONTHS = 6
HORIZON = MONTHS * MONTH_DAYS


def test_months_run_until_work_is_found_or_news_ends():
    leaver, month, event = person_months(
        np.array([180.0, 95.0, 29.0]), np.array([70.0, np.nan, np.nan]), horizon_days=180
    )
    assert leaver.tolist() == [0, 0, 0, 1, 1, 1]
    assert month.tolist() == [0, 1, 2, 0, 1, 2]
    assert event.tolist() == [0, 0, 1, 0, 0, 0]


def test_work_on_the_last_days_of_the_horizon_counts_in_the_last_month():
    _, month, event = person_months(np.array([180.0]), np.array([180.0]), horizon_days=180)
    assert month[-1] == 5
    assert event.tolist() == [0, 0, 0, 0, 0, 1]


def test_work_that_begins_after_news_ends_is_not_seen():
    leaver, _, event = person_months(np.array([60.0]), np.array([75.0]), horizon_days=180)
    assert len(leaver) == 2
    assert event.sum() == 0


def test_a_month_that_news_does_not_cover_to_its_end_counts_for_nobody():
    seen, placed = np.array([95.0, 95.0]), np.array([92.0, np.nan])
    leaver, _, event = person_months(seen, placed, horizon_days=180)
    assert leaver.tolist() == [0, 0, 0, 1, 1, 1]
    assert event.sum() == 0
    months = [person_months(np.array([day]), placed[1:], horizon_days=200)[1].max() for day in (199.0, 200.0)]
    assert months == [4, 5]
    assert len(person_months(np.array([20.0]), np.array([3.0]), horizon_days=20)[0]) == 1


def censored_leavers(random: np.random.Generator, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Days of which all is known, and the day of the first work; months on whole days."""
    found = MONTH_DAYS * random.geometric(0.25, count) - 1.0
    seen = MONTH_DAYS * random.integers(1, MONTHS + 1, count).astype(float)
    return seen, found


def test_with_months_alone_the_hazard_gives_the_curve_of_kaplan_and_meier():
    random = np.random.default_rng(1)
    seen, found = censored_leavers(random)
    _, month, event = person_months(seen, found, horizon_days=HORIZON)
    design = np.eye(MONTHS)[month]
    bare = fit_shared(
        np.column_stack([design, np.zeros(len(event))]),
        event,
        np.zeros(len(event), dtype=int),
        cohorts=1,
        precision=np.repeat([1e-9, 1.0], [MONTHS, 1]),
        shared=slice(MONTHS, None),
    )
    theirs = KaplanMeierFitter().fit(np.minimum(seen, found), found <= seen)
    ours = np.cumprod(1 - expit(bare.mode[:MONTHS] + bare.cohort_mode[0]))
    assert ours == pytest.approx(
        theirs.survival_function_at_times(np.arange(1, MONTHS + 1) * MONTH_DAYS).to_numpy(), abs=1e-4
    )


def test_weights_and_their_uncertainty_are_those_of_statsmodels_where_cohorts_do_not_differ():
    random = np.random.default_rng(2)
    design = np.column_stack([np.ones(3000), random.normal(size=3000), np.zeros(3000)])
    event = (random.random(3000) < expit(-0.5 + 0.8 * design[:, 1])).astype(float)
    cohort = np.arange(3000) % 300
    ours = fit_shared(
        design, event, cohort, cohorts=300, precision=np.array([1e-9, 1e-9, 1.0]), shared=slice(2, None)
    )
    theirs = sm.GLM(event, design[:, :2], family=sm.families.Binomial()).fit()
    assert ours.mode[:2] == pytest.approx(theirs.params, abs=0.02)
    assert np.sqrt(np.diag(ours.covariance))[:2] == pytest.approx(theirs.bse, rel=0.05)
    assert ours.cohort_scale < SHOCK_SCALE


def planted(
    random: np.random.Generator, *, cohort_scale: float, shared_scale: float
) -> tuple[np.ndarray, ...]:
    cohort = np.repeat(np.arange(240), 25)
    half_year = cohort // 6
    shock = random.normal(0, cohort_scale, 240)[cohort] + random.normal(0, shared_scale, 40)[half_year]
    event = (random.random(len(cohort)) < expit(0.3 + shock)).astype(float)
    return np.column_stack([np.ones(len(cohort)), np.eye(40)[half_year]]), event, cohort


def test_the_spreads_of_cohorts_and_half_years_are_found_again():
    design, event, cohort = planted(np.random.default_rng(3), cohort_scale=0.5, shared_scale=0.3)
    fitted = fit_shared(
        design, event, cohort, cohorts=240, precision=np.repeat([1e-6, 1.0], [1, 40]), shared=slice(1, None)
    )
    assert fitted.cohort_scale == pytest.approx(0.5, abs=0.1)
    assert fitted.shared_scale == pytest.approx(0.3, abs=0.12)


def test_a_cohort_without_a_row_is_drawn_as_wide_as_cohorts_lie_apart():
    design, event, cohort = planted(np.random.default_rng(4), cohort_scale=0.5, shared_scale=0.3)
    fitted = fit_shared(
        design, event, cohort, cohorts=241, precision=np.repeat([1e-6, 1.0], [1, 40]), shared=slice(1, None)
    )
    _, effects = fitted.draw(np.random.default_rng(5), 4000)
    assert effects[:, 240].std() == pytest.approx(fitted.cohort_scale, rel=0.05)
    assert effects[:, 0].std() < 0.9 * fitted.cohort_scale
