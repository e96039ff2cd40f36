"""Makes text.json: how neurons tell words of a text apart, by scikit-learn, SciPy and confidenceinterval.

    python -m pip install numpy scipy scikit-learn confidenceinterval
    python make_text.py

scikit-learn: roc_auc_score; f1_score, precision_score, recall_score and matthews_corrcoef at the
threshold whose matthews_corrcoef is the largest in the other half of the words, the highest of equal
ones. confidenceinterval: DeLong's variance, by Sun and Xu's algorithm in yandexdataschool's
implementation, which is in float32 and so good to some six digits. SciPy: Welch's t-test and Mann and
Whitney's.
"""

import numpy as np
from confidenceinterval.delong import delong_roc_variance
from made import f32, write
from scipy import stats
from sklearn import metrics

RNG = np.random.default_rng(23)


def samples():
    for n, share in ((12, 0.5), (60, 0.3), (400, 0.05), (400, 0.5)):
        for shift in (0.0, 0.7, 4.0, -1.0):
            for step in (0.0, 0.5):
                positive = RNG.random(n) < share
                positive[:4] = [True, False, True, False]
                values = RNG.normal(0, 1, n) + shift * positive
                yield positive, f32(np.round(values / step) * step if step else values)


def best_threshold(positive, values):
    """The highest of the values with the largest MCC."""
    best = (-np.inf, None)
    for value in np.unique(values)[::-1]:
        called = values >= value
        if called.all():
            # One class is never predicted: the MCC is undefined, and scikit-learn says 0.
            continue
        mcc = metrics.matthews_corrcoef(positive, called)
        if mcc > best[0] + 1e-12:
            best = (mcc, value)
    return best[1]


def detection(positive, values):
    half = np.arange(len(values)) % 2 == 1
    threshold = best_threshold(positive[~half], values[~half])
    if threshold is None or not half.any() or len(set(positive[half])) < 2:
        return None
    true, called = positive[half], values[half] >= threshold
    if len(set(called)) < 2:
        return None
    return {
        "threshold": float(threshold),
        "precision": metrics.precision_score(true, called),
        "recall": metrics.recall_score(true, called),
        "f1": metrics.f1_score(true, called),
        "mcc": metrics.matthews_corrcoef(true, called),
    }


def cases():
    for positive, values in samples():
        auc, variance = delong_roc_variance(positive.astype(int), values)
        assert abs(auc - metrics.roc_auc_score(positive, values)) < 1e-6
        a, b = values[positive], values[~positive]
        welch = stats.ttest_ind(a, b, equal_var=False)
        exact = max(len(a), len(b)) < 50 and len(np.unique(values)) == len(values)
        sums = stats.mannwhitneyu(a, b, alternative="greater", method="exact" if exact else "asymptotic")
        yield {
            "values": values.tolist(),
            "positive": positive.astype(int).tolist(),
            "auc": metrics.roc_auc_score(positive, values),
            "variance": float(variance),
            "t": welch.statistic,
            "df": welch.df,
            "p": welch.pvalue,
            "p_greater": sums.pvalue,
            "detection": detection(positive, values),
        }


write("text.json", "make_text.py", ["scikit-learn", "scipy", "numpy", "confidenceinterval"], {"cases": list(cases())})
