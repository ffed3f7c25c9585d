"""How many learners a model needs before it may compete: Riley's first criterion.

Riley et al. (2019), Statistics in Medicine 38:1276-1296, equation 11: a model of P candidate parameters whose
weights shrink by no more than the factor S needs

    n = P / ((S - 1) ln(1 - R2 / S))

learners, R2 being the Cox-Snell share explained that is to be expected. Nobody has seen it before there is a model, so
it is worked out from an AUC that this field reaches (Riley et al. 2021, Statistics in Medicine 40:4230-4251): the
logits of those with and without the outcome are taken as normal, of equal spread and sqrt(2) z(AUC) apart.

Worked example: one in five drops out and an AUC of .70 is expected: R2 is .081 and each parameter needs 106 learners.
530 learners may carry a model of five parameters, and not one of six.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

#: What models of this kind reach out of time, early in a training; fixed before any of ours was judged.
EXPECTED_AUC = 0.70
#: The weights may be at most this much too large.
SHRINKAGE = 0.90
_NODES = 80


def share_explained(auc: float, bad_share: float) -> float:
    """Cox and Snell's R2 of a model with this AUC, where this share has the bad outcome."""
    apart = np.sqrt(2) * norm.ppf(auc)
    place, weight = np.polynomial.hermite_e.hermegauss(_NODES)
    weight = weight / weight.sum()
    middle = logit(bad_share) - apart**2 / 2
    of_the_bad = weight @ np.log(expit(middle + apart * (place + apart)))
    of_the_others = weight @ np.log(expit(-middle - apart * place))
    nothing_known = bad_share * np.log(bad_share) + (1 - bad_share) * np.log(1 - bad_share)
    gain = bad_share * of_the_bad + (1 - bad_share) * of_the_others - nothing_known
    return float(1 - np.exp(-2 * gain))


def learners_needed(parameters: float, bad_share: float, *, auc: float = EXPECTED_AUC) -> int:
    """Learners that a model of so many parameters needs; 0 for one without any.

    Parameters
    ----------
    parameters : float
        Weights that are estimated, the intercept not counted; one under a prior counts in part.
    bad_share : float
        Share of the learners with the bad outcome, above 0 and below 1.
    auc : float
        AUC to be expected.
    """
    if not parameters:
        return 0
    explained = share_explained(auc, bad_share)
    return int(np.ceil(parameters / ((SHRINKAGE - 1) * np.log(1 - explained / SHRINKAGE))))
