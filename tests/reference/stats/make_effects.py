"""Makes effects.json: effect sizes and their intervals, and power, by SciPy and from definitions.

    python -m pip install scipy numpy mpmath statsmodels
    python make_effects.py

Intervals of d invert SciPy's noncentral t; those of eta squared its noncentral F. DeLong's variance
is computed from its definition, comparison by comparison; so is power, checked against statsmodels.
"""

import numpy as np
from made import f32, write
from scipy import integrate, optimize, special, stats
from statsmodels.stats.power import TTestIndPower, TTestPower

RNG = np.random.default_rng(22)


def noncentrality(t, df):
    """The 95 % interval of the noncentrality."""
    spread = np.sqrt(1 + t * t / (2 * df))
    ends = []
    for tail in (0.975, 0.025):
        height = lambda delta: stats.nct.cdf(t, df, delta) - tail
        # SciPy's noncentral t is NaN far out, so the bracket is narrow.
        middle = t - 1.96 * spread * np.sign(tail - 0.5)
        ends.append(optimize.brentq(height, middle - 0.7 * spread, middle + 0.7 * spread, xtol=1e-13, rtol=1e-14))
    return ends


def hedges(df):
    return float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def delong(a, b):
    wins = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
    variance = wins.mean(1).var(ddof=1) / len(a) + wins.mean(0).var(ddof=1) / len(b)
    auc, margin = wins.mean(), stats.norm.isf(0.025) * np.sqrt(variance)
    return auc, max(auc - margin, 0.0), min(auc + margin, 1.0)


def cases():
    for n in (5, 30, 76, 100):
        for shift in (0.0, 0.4, 1.5, 6.0):
            for step in (0.0, 0.5):
                a, b = f32(RNG.normal(shift, 1, n)), f32(RNG.normal(0, 1.5, n))
                if step:
                    a, b = f32(np.round(a / step) * step), f32(np.round(b / step) * step)
                auc = delong(a, b)
                for statistic in ("paired-t", "student-t"):
                    if statistic == "paired-t":
                        d, df, scale = (a - b).mean() / (a - b).std(ddof=1), n - 1, np.sqrt(n)
                    else:
                        pooled = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
                        d, df, scale = (a.mean() - b.mean()) / pooled, 2 * n - 2, np.sqrt(n / 2)
                    if not np.isfinite(d):
                        continue
                    low, high = noncentrality(d * scale, df)
                    yield {
                        "statistic": statistic,
                        "groups": [a.tolist(), b.tolist()],
                        "d": [float(d), float(low / scale), float(high / scale)],
                        "g": float(d * hedges(df)),
                        "auc": [float(x) for x in auc],
                    }


def eta_cases():
    for f, between, within in ((0.3, 2, 50), (1.5, 2, 50), (4.0, 3, 200), (30.0, 2, 297), (200.0, 3, 380)):
        n = between + within + 1

        def end(tail):
            height = lambda x: stats.ncf.cdf(f, between, within, x) - tail
            if stats.f.cdf(f, between, within) <= tail:
                return 0.0
            return optimize.brentq(height, 1e-12, 20 * f * between + 50, xtol=1e-12)

        low, high = end(0.975), end(0.025)
        yield {
            "f": f,
            "between": between,
            "within": within,
            "eta": f * between / (f * between + within),
            "ends": [low / (low + n), high / (high + n)],
        }


def power(delta, df, level):
    """Of a two-sided t-test, by integrating its definition over the standard deviation's distribution."""
    critical = stats.t.isf(level / 2, df)
    spread = stats.chi(df, scale=1 / np.sqrt(df))
    height = lambda s: spread.pdf(s) * (stats.norm.cdf(delta - critical * s) + stats.norm.cdf(-delta - critical * s))
    low, high = spread.ppf(1e-18), spread.isf(1e-18)
    return integrate.quad(height, low, high, points=[delta / critical], epsabs=1e-13, epsrel=1e-12, limit=500)[0]


def power_cases():
    # SciPy's noncentral t, on which statsmodels' power rests, is wrong far out (few words, strict
    # levels); where it is right, it must agree.
    for n in (10, 30, 76, 100):
        for level in (0.05, 0.05 / 3072, 0.05 / 36864):
            solve = lambda df: optimize.brentq(lambda x: power(x, df, level) - 0.8, 0.1, 60, xtol=1e-12)
            paired = solve(n - 1) / np.sqrt(n)
            two = solve(2 * n - 2) / np.sqrt(n / 2)
            if level == 0.05:
                assert abs(TTestPower().power(paired, n, level) - 0.8) < 1e-9
                assert abs(TTestIndPower().power(two, n, level, ratio=1.0) - 0.8) < 1e-9
            yield {"n": n, "level": level, "paired": float(paired), "two": float(two)}


if __name__ == "__main__":
    content = {"cases": list(cases()), "eta": list(eta_cases()), "power": list(power_cases())}
    write("effects.json", "make_effects.py", ["numpy", "scipy", "statsmodels"], content)
