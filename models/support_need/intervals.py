"""Intervals of shares of few people, and of means over few groups."""

from __future__ import annotations

import numpy as np
from scipy.stats import beta, norm, t


def exact_interval(successes: float, number: float, *, share: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share (1934); counts may be fractional effective ones.

    Worked example: 8 of 10 gives .444 to .975.
    """
    edge = (1 - share) / 2
    low = beta.ppf(edge, successes, number - successes + 1) if successes > 0 else 0.0
    high = beta.ppf(1 - edge, successes + 1, number - successes) if successes < number else 1.0
    return float(low), float(high)


def mean_interval(values: np.ndarray, groups: np.ndarray, *, share: float = 0.95) -> list[float] | None:
    """Interval of a mean of values that resemble each other within groups, by Student's t on the groups' sums.

    Draws of five groups would give an interval too narrow by a third. The variance is that of
    Liang and Zeger (1986), with as many degrees of freedom as there are groups but one (Cameron and Miller 2015).

    Worked example: errors of .02, .04 and .06 in three years give -.01 to .09; None where there is one year only.
    """
    names, group = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        return None
    sums = np.bincount(group, weights=values - values.mean())
    deviation = np.sqrt(len(names) / (len(names) - 1) * np.sum(sums**2)) / len(values)
    half = t.isf((1 - share) / 2, len(names) - 1) * deviation
    return [float(values.mean() - half), float(values.mean() + half)]


def newcombe_interval(
    first: float, first_number: float, second: float, second_number: float, *, share: float = 0.95
) -> tuple[float, float]:
    """Newcombe's interval of a difference of two shares, from their Wilson intervals (1998, method 10)."""
    if not first_number or not second_number:
        return -1.0, 1.0
    one, other = first / first_number, second / second_number
    (low, high), (other_low, other_high) = (
        wilson_interval(*pair, share=share) for pair in ((first, first_number), (second, second_number))
    )
    below = np.sqrt((one - low) ** 2 + (other_high - other) ** 2)
    above = np.sqrt((high - one) ** 2 + (other - other_low) ** 2)
    return float(one - other - below), float(one - other + above)


def wilson_interval(successes: float, number: float, *, share: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share (1927)."""
    z = norm.isf((1 - share) / 2)
    rate = successes / number
    middle = (rate + z**2 / (2 * number)) / (1 + z**2 / number)
    half = z / (1 + z**2 / number) * np.sqrt(rate * (1 - rate) / number + z**2 / (4 * number**2))
    return float(middle - half), float(middle + half)


def ratio_interval(
    first: float, first_number: float, second: float, second_number: float, *, share: float = 0.95
) -> tuple[float, float]:
    """Katz's interval of a ratio of two shares, on the log scale (1978); nought to infinity where a share is nought."""
    if not first or not second:
        return 0.0, float("inf")
    centre = np.log((first / first_number) / (second / second_number))
    half = norm.isf((1 - share) / 2) * np.sqrt(1 / first - 1 / first_number + 1 / second - 1 / second_number)
    return float(np.exp(centre - half)), float(np.exp(centre + half))
