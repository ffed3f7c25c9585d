"""Intervals of shares of few people."""

from __future__ import annotations

from scipy.stats import beta


def exact_interval(successes: float, number: float, *, share: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share (1934); counts may be fractional effective ones.

    Worked example: 8 of 10 gives .444 to .975.
    """
    edge = (1 - share) / 2
    low = beta.ppf(edge, successes, number - successes + 1) if successes > 0 else 0.0
    high = beta.ppf(1 - edge, successes + 1, number - successes) if successes < number else 1.0
    return float(low), float(high)
