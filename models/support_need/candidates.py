"""The candidates that compete in every training, from the simplest to the most complex.

Each takes the cases of one stage and returns an ``Additive``: a sum of plain numbers. An outcome that takes months is
learned from month by month (``maturing.by_month``), and each month has a level of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from threadpoolctl import threadpool_limits

from support_need.effects import (
    ENVIRONMENT_LOGIT,
    Additive,
    Effect,
    Itself,
    Linear,
    Steps,
)
from support_need.environment import Environment, baseline, beyond, fit_environment
from support_need.features import BY_NAME, FEATURE_NAMES
from support_need.maturing import MONTH, by_month, months_of
from support_need.rule import MOST_POINTS, RULE_POINTS
from support_need.spec import (
    BOOSTING,
    ENVIRONMENT,
    LOGISTIC,
    PLAIN_RULE,
    PRIOR_SCALE,
    SMALL,
    SMALL_FEATURES,
    SMALL_PRIOR_SCALE,
)

#: On cores that others use too, two threads wait for each other twenty times longer than they work; and one adds up in
#: the same order on every machine.
one_thread = threadpool_limits.wrap(limits=1)

_FEWEST_KNOWN_SHARE = 0.02
#: A feature that says the same of all but a handful of learners is left out: the handful would set its weight.
_FEWEST_UNUSUAL = 20
_MOST_STEPS = 24
#: Standard deviation of the normal prior on the level of a month beside that of all: next to none.
MONTH_SCALE = 3.0
#: The way in which the boosting may use what is no feature.
_SIGN = {ENVIRONMENT_LOGIT: 1, MONTH: 0}


def weights(cases: pd.DataFrame) -> np.ndarray:
    """Weight of each case of one stage: who is there on every Monday of the stage counts once.

    Who leaves in between counts for the Mondays until then, as on the Mondays that are scored: whole, they would make
    those who are still there look worse than they are.
    """
    mondays = cases.groupby("cohort_id", observed=True)["week_of_training"].transform("nunique")
    return 1.0 / mondays.to_numpy(dtype=float)


def fit_plain_rule(cases: pd.DataFrame) -> Additive:
    """Rate of the bad outcome by points of the rule, never falling as the points rise."""
    rows = by_month(cases)
    weight, points = weights(rows), rows[RULE_POINTS].to_numpy(dtype=int)
    overall, months = baseline(rows, weight)
    found, rung = np.unique(points, return_inverse=True)
    ladder = np.arange(MOST_POINTS + 1)
    place = np.full(len(ladder), overall)
    place[found] += beyond(rows, weight, rung, np.full(len(rows), overall), months)
    number = np.bincount(points, weights=weight, minlength=len(ladder))
    rising = IsotonicRegression().fit(ladder, expit(place), sample_weight=number + 1e-6).predict(ladder)
    steps = Steps(
        edges=tuple(ladder[1:] - 0.5), values=tuple(logit(rising).tolist()), unknown=float(place[0])
    )
    return Additive(intercept=0.0, effects={RULE_POINTS: steps}, months=months)


def fit_environment_rate(cases: pd.DataFrame) -> Additive:
    """Rate of the training and campus alone, small groups pulled towards what is known of larger ones."""
    rows = by_month(cases)
    weight = weights(rows)
    return Additive(
        intercept=0.0,
        effects={ENVIRONMENT_LOGIT: Itself()},
        environment=fit_environment(rows, weight),
        months=baseline(rows, weight)[1],
    )


def _usable(cases: pd.DataFrame) -> list[str]:
    enrolment = pd.factorize(cases["enrolment_id"])[0]
    return [name for name in FEATURE_NAMES if _says_enough(cases[name].to_numpy(), enrolment)]


def _says_enough(values: np.ndarray, enrolment: np.ndarray) -> bool:
    """Known often enough, and not the same of nearly everybody.

    Enough learners on both sides of the mean are enough beside whatever is said most often, and need no sorting.
    """
    known = ~np.isnan(values)
    if not len(values) or known.mean() < _FEWEST_KNOWN_SHARE:
        return False
    is_high = values > values[known].mean()
    if min(_learners(enrolment, is_high), _learners(enrolment, known & ~is_high)) >= _FEWEST_UNUSUAL:
        return True
    each, count = np.unique(values[known], return_counts=True)
    return _learners(enrolment, known & (values != each[count.argmax()])) >= _FEWEST_UNUSUAL


def _learners(enrolment: np.ndarray, chosen: np.ndarray) -> int:
    return int(np.count_nonzero(np.bincount(enrolment[chosen])))


def fit_small_logistic(cases: pd.DataFrame) -> Additive:
    """Logistic regression on the few facts fixed before any data were seen, on top of the environment's logit."""
    others = set(FEATURE_NAMES).difference(SMALL_FEATURES)
    return fit_logistic(cases, without=others, prior_scale=SMALL_PRIOR_SCALE)


def fit_logistic(
    cases: pd.DataFrame, *, without: Collection[str] = (), prior_scale: float = PRIOR_SCALE
) -> Additive:
    """Logistic regression with a fixed normal prior, on top of the environment's logit.

    A feature whose weight contradicts its known sign is left out and the rest is fitted again; those in
    ``without`` are left out from the beginning.
    """
    rows = by_month(cases)
    weight, is_bad, months = weights(rows), rows["is_bad"].to_numpy(dtype=float), months_of(rows)
    environment = fit_environment(rows, weight)
    offset = environment.logits(rows)
    level = [np.ones(len(rows)), *(rows[MONTH].to_numpy() == month for month in range(months))]
    names = [name for name in _usable(cases) if name not in without]
    while True:
        scales = {name: _scale(rows[name].to_numpy(), weight) for name in names}
        terms = [Linear(*scales[name], 1.0).contribution(rows[name].to_numpy()) for name in names]
        fitted = penalised_logistic(
            np.column_stack([*level, *terms]),
            is_bad,
            weight=weight,
            offset=offset,
            prior_scale=np.repeat([MONTH_SCALE, prior_scale], [months, len(names)]),
        )
        found = dict(zip(names, fitted[1 + months :].tolist(), strict=True))
        believed = [name for name in names if found[name] * BY_NAME[name].sign >= 0]
        if believed == names:
            break
        names = believed
    effects: dict[str, Effect] = {ENVIRONMENT_LOGIT: Itself()}
    effects |= {name: Linear(*scales[name], value) for name, value in found.items()}
    return Additive(
        intercept=float(fitted[0]),
        effects=effects,
        environment=environment,
        months=tuple(fitted[1 : 1 + months].tolist()),
    )


def _scale(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    known = ~np.isnan(values)
    mean = float(np.average(values[known], weights=weight[known]))
    return mean, float(np.sqrt(np.average((values[known] - mean) ** 2, weights=weight[known])))


def penalised_logistic(
    design: np.ndarray,
    is_bad: np.ndarray,
    *,
    weight: np.ndarray,
    offset: np.ndarray,
    prior_scale: float | np.ndarray,
) -> np.ndarray:
    """Most probable weights under independent normal priors, by Newton's method.

    Parameters
    ----------
    design : numpy.ndarray
        Cases by columns, the first all ones: its weight has no prior.
    is_bad, weight, offset : numpy.ndarray
        Per case: the outcome, how much it counts, and the part of the logit that is given.
    prior_scale : float or numpy.ndarray
        Standard deviation of the prior of each weight, or one for each column but the first.

    Returns
    -------
    numpy.ndarray
        One weight per column.
    """
    precision = np.zeros(design.shape[1])
    precision[1:] = np.asarray(prior_scale, dtype=float) ** -2
    fitted = np.zeros(design.shape[1])
    for _ in range(50):
        probability = expit(design @ fitted + offset)
        slope = design.T @ (weight * (is_bad - probability)) - precision * fitted
        root = design * np.sqrt(weight * probability * (1 - probability))[:, None]
        curvature = root.T @ root + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        fitted = fitted + step
        if np.abs(step).max() < 1e-9:
            break
    return fitted


@one_thread
def fit_boosting(cases: pd.DataFrame) -> Additive:
    """Gradient boosting without interactions, monotone, read out as one table of steps per input."""
    rows = by_month(cases)
    weight = weights(rows)
    environment = fit_environment(rows, weight)
    names = [*_usable(cases), *({MONTH} & set(rows))]
    inputs = {ENVIRONMENT_LOGIT: environment.logits(rows)} | {name: rows[name].to_numpy() for name in names}
    edges = {name: _edges(values) for name, values in inputs.items()}
    if MONTH in edges:
        edges[MONTH] = np.arange(1, months_of(rows)) - 0.5
    inputs = {name: values for name, values in inputs.items() if len(edges[name])}
    coded = {name: _codes(values, edges[name]) for name, values in inputs.items()}
    usual = [int(np.nanmedian(codes)) for codes in coded.values()]
    # An unknown counts as the usual, or "no mark yet" of those who hand nothing in would stick to
    # whole cohorts in which nothing is due yet.
    codes = np.column_stack(
        [
            np.where(np.isnan(codes), middle, codes)
            for codes, middle in zip(coded.values(), usual, strict=True)
        ]
    )
    boosting = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=150,
        max_leaf_nodes=3,
        min_samples_leaf=max(20, len(rows) // 40),
        l2_regularization=5.0,
        interaction_cst="no_interactions",
        monotonic_cst=[BY_NAME[name].sign if name in BY_NAME else _SIGN[name] for name in inputs],
        early_stopping=False,
        random_state=0,
    )
    boosting.fit(codes, rows["is_bad"].to_numpy(dtype=int), sample_weight=weight)
    return _read_out(boosting, codes, {name: edges[name] for name in inputs}, usual, environment)


def _edges(values: np.ndarray) -> np.ndarray:
    known = np.unique(values[~np.isnan(values)])
    if len(known) > _MOST_STEPS:
        known = np.unique(np.quantile(values[~np.isnan(values)], np.linspace(0, 1, _MOST_STEPS + 1)))
    return (known[1:] + known[:-1]) / 2


def _codes(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), np.nan, np.searchsorted(edges, values, side="right"))


def _read_out(
    boosting: HistGradientBoostingClassifier,
    codes: np.ndarray,
    edges: dict[str, np.ndarray],
    usual: list[int],
    environment: Environment,
) -> Additive:
    """Exact tables: without interactions, changing one input changes only its own term."""
    probes, spans = [np.zeros((1, codes.shape[1]))], []
    for column, name in enumerate(edges):
        rows = np.zeros((len(edges[name]) + 1, codes.shape[1]))
        rows[:, column] = range(len(edges[name]) + 1)
        probes.append(rows)
        spans.append(len(rows))
    raw = boosting.decision_function(np.concatenate(probes))
    terms = np.split(raw[1:] - raw[0], np.cumsum(spans)[:-1])
    effects: dict[str, Effect] = {}
    months: tuple[float, ...] = ()
    intercept = float(raw[0])
    for column, (name, term) in enumerate(zip(edges, terms, strict=True)):
        middle = float(term[codes[:, column].astype(int)].mean())
        intercept += middle
        values = tuple((term - middle).tolist())
        if name == MONTH:
            months = values
        else:
            steps = tuple(edges[name].tolist())
            effects[name] = Steps(edges=steps, values=values, unknown=values[usual[column]])
    return Additive(intercept=intercept, effects=effects, environment=environment, months=months)


Fit = Callable[[pd.DataFrame], Additive]
FIT: dict[str, Fit] = {
    PLAIN_RULE: fit_plain_rule,
    ENVIRONMENT: fit_environment_rate,
    SMALL: fit_small_logistic,
    LOGISTIC: fit_logistic,
    BOOSTING: fit_boosting,
}


#: Candidates of which every parameter is a weight under a normal prior, and the spread of that prior.
PRIOR_SCALES = {SMALL: SMALL_PRIOR_SCALE, LOGISTIC: PRIOR_SCALE}


def parameters(cases: pd.DataFrame, fitted: Mapping[str, Mapping[int, Additive]]) -> dict[str, float]:
    """How much each model candidate learns from cases, at the stage of the training where it learns most.

    A weight under a prior is part of a parameter: counted are the effective degrees of freedom, the trace of
    (I + P)^-1 I, I being the information in the cases and P the precision of the prior (Gray 1992). A curve of the
    boosting counts twice, for where it rises and by how much. Intercepts and pooled rates do not count.

    Parameters
    ----------
    cases : pandas.DataFrame
        All that may be learned from.
    fitted : dict
        Each of ``PRIOR_SCALES`` to what was learned from these cases, stage by stage.
    """
    groups = dict(tuple(cases.groupby("stage")))
    freedom = {
        name: max((_freedom(one, groups[stage], scale) for stage, one in fitted[name].items()), default=0.0)
        for name, scale in PRIOR_SCALES.items()
    }
    return freedom | {BOOSTING: 2.0 * len(_usable(cases))}


def _freedom(model: Additive, cases: pd.DataFrame, prior_scale: float) -> float:
    rows = by_month(cases)
    linear = {name: effect for name, effect in model.effects.items() if isinstance(effect, Linear)}
    inputs = [replace(one, weight=1.0).contribution(rows[name].to_numpy()) for name, one in linear.items()]
    design = np.column_stack([np.ones(len(rows)), *inputs])
    sums = model.sums(rows)
    probability = expit(sums + np.asarray(model.months)[rows[MONTH]] if model.months else sums)
    spread = weights(rows) * probability * (1 - probability)
    information = (design * spread[:, None]).T @ design
    precision = np.diag([0.0, *np.full(len(linear), prior_scale**-2)])
    return float(np.trace(np.linalg.solve(information + precision, information)) - 1)
