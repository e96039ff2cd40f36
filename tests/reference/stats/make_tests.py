"""Makes tests.json: rank tests, analyses of variance and logistic fits of other programs.

    python -m pip install scipy numpy statsmodels
    python make_tests.py

SciPy: mannwhitneyu, wilcoxon (both with continuity correction, exact where it applies), f_oneway,
kruskal. statsmodels: Logit, and multipletests in make_corrections.py. Firth's penalised fit is
maximised here by SciPy's general-purpose minimiser from its definition.
"""

import numpy as np
import statsmodels.api as sm
from made import f32, write
from scipy import optimize, stats

RNG = np.random.default_rng(21)


def two_samples():
    for n_a, n_b in ((5, 5), (8, 13), (30, 45), (60, 60), (100, 100)):
        for shift in (0.0, 0.5, 2.0):
            yield f32(RNG.normal(shift, 1, n_a)), f32(RNG.normal(0, 2, n_b))
            # Few values, so many ties.
            yield f32(RNG.integers(0, 6, n_a) + round(shift)), f32(RNG.integers(0, 6, n_b))


def ranks():
    for a, b in two_samples():
        pooled = np.concatenate([a, b])
        tied = len(np.unique(pooled)) < len(pooled)
        exact = max(len(a), len(b)) < 50 and not tied
        test = stats.mannwhitneyu(a, b, use_continuity=True, method="exact" if exact else "asymptotic")
        yield {"statistic": "rank-sum", "groups": [a.tolist(), b.tolist()], "p": test.pvalue}
        if len(a) != len(b) or np.all(a == b):
            continue
        d = a - b
        tied = len(np.unique(np.abs(d))) < len(d) or np.any(d == 0)
        exact = len(a) < 50 and not tied
        test = stats.wilcoxon(d, zero_method="wilcox", correction=True, method="exact" if exact else "asymptotic")
        yield {"statistic": "signed-rank", "groups": [a.tolist(), b.tolist()], "p": test.pvalue}


def several():
    for sizes in ((4, 5, 6), (30, 30, 30), (100, 80, 60, 40)):
        for shift in (0.0, 0.4, 2.0):
            for tied in (False, True):
                groups = []
                for index, size in enumerate(sizes):
                    values = RNG.normal(shift * index, 1, size)
                    groups.append(f32(np.round(values * 2)) if tied else f32(values))
                lists = [group.tolist() for group in groups]
                f, p = stats.f_oneway(*groups)
                yield {"statistic": "anova", "groups": lists, "t": f, "p": p}
                h, p = stats.kruskal(*groups)
                yield {"statistic": "kruskal", "groups": lists, "t": h, "p": p}


def standardised(a, b):
    x = np.concatenate([a, b])
    return (x - x.mean()) / x.std(ddof=1), np.r_[np.ones(len(a)), np.zeros(len(b))]


def logit_cases():
    for n_a, n_b in ((20, 20), (100, 100), (40, 90)):
        for shift in (0.0, 0.5, 2.0):
            a, b = f32(RNG.normal(shift, 1, n_a)), f32(RNG.normal(0, 1, n_b))
            x, y = standardised(a, b)
            fit = sm.Logit(y, sm.add_constant(x)).fit(disp=0, method="newton", tol=1e-14, maxiter=200)
            right = ((fit.predict() > 0.5) == (y == 1)).mean()
            yield {
                "groups": [a.tolist(), b.tolist()],
                "penalised": False,
                "slope": fit.params[1],
                "p": fit.llr_pvalue,
                "ratio": fit.llr,
                "accuracy": right,
            }


def firth(x, y, with_slope):
    """Firth's penalised log likelihood, maximised with or without the slope."""

    def height(beta):
        odds = beta[0] + (beta[1] if with_slope else 0.0) * x
        p = 1 / (1 + np.exp(-odds))
        design = np.column_stack([np.ones_like(x), x])
        information = design.T @ (design * (p * (1 - p))[:, None])
        loglik = np.sum(-np.logaddexp(0, np.where(y == 1, -odds, odds)))
        return -(loglik + 0.5 * np.linalg.slogdet(information)[1])

    start = np.zeros(2 if with_slope else 1)
    best = optimize.minimize(height, start, method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-14, "maxiter": 20000, "maxfev": 20000})
    best = optimize.minimize(height, best.x, method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-14, "maxiter": 20000, "maxfev": 20000})
    return best.x, -best.fun


def firth_cases():
    for n_a, n_b in ((5, 7), (20, 20), (100, 60)):
        for gap in (0.01, 1.0, 10.0):
            a = f32(gap / 2 + RNG.gamma(2.0, 1.0, n_a))
            b = f32(-gap / 2 - RNG.gamma(2.0, 1.0, n_b))
            x, y = standardised(a, b)
            beta, full = firth(x, y, True)
            _, null = firth(x, y, False)
            ratio = 2 * (full - null)
            yield {
                "groups": [a.tolist(), b.tolist()],
                "penalised": True,
                "slope": beta[1],
                "p": stats.chi2.sf(ratio, 1),
                "ratio": ratio,
                "accuracy": 1.0,
            }


if __name__ == "__main__":
    plain = [{key: (float(v) if isinstance(v, np.floating) else v) for key, v in case.items()} for case in [*ranks(), *several()]]
    fits = [{key: (float(v) if isinstance(v, np.floating) else v) for key, v in case.items()} for case in [*logit_cases(), *firth_cases()]]
    write("tests.json", "make_tests.py", ["numpy", "scipy", "statsmodels"], {"cases": plain, "fits": fits})
