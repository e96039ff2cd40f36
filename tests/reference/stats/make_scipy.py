"""Makes scipy.json and student.json: what SciPy and mpmath say about t-tests and their tails.

    python -m pip install scipy numpy mpmath
    python make_scipy.py

`scipy.json` holds samples whose values are exact in float32, as activations are, with SciPy's t, df
and p. SciPy's own p underflows to 0 below about 1e-308 and loses digits before; the p here is its
t distribution's survival function doubled, and mpmath's value of the same stands in `student.json`.
"""

import mpmath
import numpy as np
from made import f32, write
from scipy import stats

RNG = np.random.default_rng(20)


def test(t, df, p, interval):
    return {"t": float(t), "df": float(df), "p": float(p), "ci": [float(interval[0]), float(interval[1])]}


def samples():
    """Pairs of samples of the same size, from hardly different to far apart."""
    cases = []
    for n in (2, 3, 5, 10, 76, 100, 400):
        for shift in (0.0, 0.3, 1.0, 5.0, 50.0):
            for offset in (0.0, 1e3):
                a = f32(RNG.normal(offset + shift, 1.0, n))
                b = f32(RNG.normal(offset, 1.0 + (n % 3), n))
                cases.append((a, b))
    return cases


def scipy_cases():
    out = []
    for a, b in samples():
        rel = stats.ttest_rel(a, b)
        one = stats.ttest_1samp(a - b, 0.0)
        assert np.isclose(rel.statistic, one.statistic, rtol=1e-12)
        student = stats.ttest_ind(a, b)
        welch = stats.ttest_ind(a, b, equal_var=False)
        out.append(
            {
                "a": a.tolist(),
                "b": b.tolist(),
                "paired-t": test(rel.statistic, rel.df, rel.pvalue, rel.confidence_interval(0.95)),
                "student-t": test(student.statistic, student.df, student.pvalue, student.confidence_interval(0.95)),
                "welch-t": test(welch.statistic, welch.df, welch.pvalue, welch.confidence_interval(0.95)),
            }
        )
    # Samples of different sizes have no pairs.
    for n_a, n_b in ((2, 7), (30, 5), (60, 100)):
        a, b = f32(RNG.normal(0.5, 1.0, n_a)), f32(RNG.normal(0.0, 3.0, n_b))
        student, welch = stats.ttest_ind(a, b), stats.ttest_ind(a, b, equal_var=False)
        out.append(
            {
                "a": a.tolist(),
                "b": b.tolist(),
                "student-t": test(student.statistic, student.df, student.pvalue, student.confidence_interval(0.95)),
                "welch-t": test(welch.statistic, welch.df, welch.pvalue, welch.confidence_interval(0.95)),
            }
        )
    return out


def ln_two_sided(t, df):
    """ln of the two-sided p, to 40 digits."""
    t, df = mpmath.mpf(t), mpmath.mpf(df)
    x = df / (df + t * t)
    return mpmath.log(mpmath.betainc(df / 2, mpmath.mpf(1) / 2, 0, x, regularized=True))


def ln_two_sided_by_quadrature(t, df):
    """The same by integrating the density, for so many degrees of freedom that the series fails."""
    t, df = mpmath.mpf(t), mpmath.mpf(df)
    ln_density = lambda u: -(df + 1) / 2 * mpmath.log1p(u * u / df)
    ratio = mpmath.quad(lambda s: mpmath.exp(ln_density(t + s / t) - ln_density(t)), [0, 1, 5, 20, 80, 300]) / t
    ln_constant = mpmath.loggamma((df + 1) / 2) - mpmath.loggamma(df / 2) - mpmath.log(mpmath.pi * df) / 2
    return mpmath.log(2) + ln_constant + ln_density(t) + mpmath.log(ratio)


def student_cases():
    mpmath.mp.dps = 60
    check = ln_two_sided(20, 50) / ln_two_sided_by_quadrature(20, 50) - 1
    assert abs(check) < 1e-12, check
    tails = []
    for df in (1, 1.5, 2, 3, 7.25, 20, 75, 99, 149.5, 198, 999, 12345.5):
        for t in (1e-8, 1e-3, 0.1, 0.5, 1, 1.5, 1.7, 2, 3, 4.533, 8.37, 19.5, 50, 300, 1e4, 1e8, 1e20, 1e40):
            ln_p = ln_two_sided(t, df)
            log10_p = ln_p / mpmath.log(10)
            if log10_p > -4100:
                tails.append(
                    {
                        "t": t,
                        "df": df,
                        "log10_p": float(log10_p),
                        "p": float(mpmath.exp(ln_p)),
                    }
                )
    # t on 99 degrees of freedom down to p = 1e-4000.
    for exponent in (100, 300, 307, 320, 400, 1000, 2000, 4000):
        t = 10 ** (exponent / 99)
        ln_p = ln_two_sided(t, 99)
        tails.append({"t": t, "df": 99, "log10_p": float(ln_p / mpmath.log(10)), "p": float(mpmath.exp(ln_p))})
    # The same t on so many degrees of freedom that the tail is nearly normal.
    for t in (38.0, 60.0, 100.0, 135.0):
        ln_p = ln_two_sided_by_quadrature(t, 1_000_000)
        tails.append({"t": t, "df": 1e6, "log10_p": float(ln_p / mpmath.log(10)), "p": float(mpmath.exp(ln_p))})
    quantiles = [
        {"p": p, "df": df, "t": float(stats.t.isf(p / 2, df))}
        for df in (1.5, 5, 75, 99, 198, 1000)
        for p in (0.5, 0.1, 0.05, 0.05 / 3072, 0.05 / 36864)
    ]
    return {"tails": tails, "quantiles": quantiles}


if __name__ == "__main__":
    packages = ["numpy", "scipy", "mpmath"]
    write("scipy.json", "make_scipy.py", packages, {"cases": scipy_cases()})
    write("student.json", "make_scipy.py", packages, student_cases())
