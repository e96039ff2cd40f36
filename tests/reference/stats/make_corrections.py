"""Makes corrections.json: statsmodels' multipletests on random families of p-values.

    python -m pip install statsmodels numpy
    python make_corrections.py

The families hold ties, zeros, ones and undefined tests (null). statsmodels is given the defined ones.
"""

import numpy as np
from made import write
from statsmodels.stats.multitest import multipletests

RNG = np.random.default_rng(23)
METHODS = {"bonferroni": "bonferroni", "holm": "holm", "hochberg": "simes-hochberg", "bh": "fdr_bh", "by": "fdr_by"}


def families():
    for size in (1, 2, 7, 50, 300):
        for kind in ("uniform", "small", "ties", "edges", "nulls"):
            p = RNG.uniform(size=size)
            if kind != "uniform":
                p = p ** RNG.integers(1, 30, size=size)
            if kind == "ties":
                p = np.round(p, 2)
            if kind == "edges":
                p[RNG.uniform(size=size) < 0.2] = 0.0
                p[RNG.uniform(size=size) < 0.2] = 1.0
            defined = np.ones(size, bool)
            if kind == "nulls":
                defined = RNG.uniform(size=size) < 0.8
            case = {"p": [float(x) if ok else None for x, ok in zip(p, defined)]}
            for name, method in METHODS.items():
                adjusted = iter(multipletests(p[defined], 0.05, method)[1]) if defined.any() else iter(())
                case[name] = [float(next(adjusted)) if ok else None for ok in defined]
            yield case


if __name__ == "__main__":
    write("corrections.json", "make_corrections.py", ["numpy", "statsmodels"], {"cases": list(families())})
