"""Makes max_t.json: max-T by MNE's permutation_t_test, and by brute force for the other statistics.

    python -m pip install mne numpy scipy
    python make_max_t.py

All sign flips, or all labelings, are taken, so that there is nothing random to differ in. MNE uses
one of each two opposite flips, which leaves two-sided p-values as they are.
"""

import itertools
import logging

import mne
import numpy as np
from made import f32, write
from scipy import stats

RNG = np.random.default_rng(24)
mne.set_log_level(logging.ERROR)


def statistic(name, groups):
    """Of each column, what may be compared between columns."""
    if name == "student-t":
        return np.abs(stats.ttest_ind(*groups).statistic)
    if name == "welch-t":
        return np.abs(stats.ttest_ind(*groups, equal_var=False).statistic)
    if name == "rank-sum":
        ranks = stats.rankdata(np.vstack(groups), axis=0)
        n = len(ranks)
        off = ranks[: len(groups[0])].sum(0) - len(groups[0]) * (n + 1) / 2
        return np.abs(off) / ranks.std(0)
    if name == "signed-rank":
        d = groups[0] - groups[1]
        ranks = np.sign(d) * stats.rankdata(np.abs(d), axis=0)
        return np.abs(ranks.sum(0)) / np.sqrt((ranks**2).sum(0))
    if name == "anova":
        return stats.f_oneway(*groups).statistic
    if name == "kruskal":
        return stats.kruskal(*groups).statistic
    raise ValueError(name)


def rearrangements(name, groups):
    if name == "signed-rank":
        for signs in itertools.product((False, True), repeat=len(groups[0])):
            swap = np.array(signs)[:, None]
            yield [np.where(swap, groups[1], groups[0]), np.where(swap, groups[0], groups[1])]
        return
    words = np.vstack(groups)
    sizes = [len(group) for group in groups]

    def deal(left, sizes):
        if len(sizes) == 1:
            yield [left]
            return
        for chosen in itertools.combinations(left, sizes[0]):
            rest = [word for word in left if word not in chosen]
            for others in deal(rest, sizes[1:]):
                yield [list(chosen), *others]

    for parts in deal(list(range(len(words))), sizes):
        yield [words[part] for part in parts]


def brute_force(name, groups):
    observed = statistic(name, groups)
    most = np.array([statistic(name, dealt).max() for dealt in rearrangements(name, groups)])
    # Equal statistics may differ in their last digits.
    return [(most >= value * (1 - 1e-9)).mean() for value in observed], len(most)


def cases():
    for n, neurons in ((6, 3), (9, 20)):
        groups = [f32(RNG.normal(0.8, 1, (n, neurons))), f32(RNG.normal(0, 1, (n, neurons)))]
        # Asked for more flips than there are, MNE takes each once; asked for "all", it does not.
        _, p, _ = mne.stats.permutation_t_test(groups[0] - groups[1], n_permutations=2**n, tail=0, n_jobs=1)
        yield "paired-t", groups, p, 2**n
        p, count = brute_force("signed-rank", groups)
        yield "signed-rank", groups, p, count
    for sizes in ((4, 4), (5, 4), (3, 6)):
        groups = [f32(RNG.normal(1.0 - i, 1 + i, (size, 5))) for i, size in enumerate(sizes)]
        for name in ("student-t", "welch-t", "rank-sum"):
            p, count = brute_force(name, groups)
            yield name, groups, p, count
    groups = [f32(RNG.normal(0.7 * i, 1, (size, 4))) for i, size in enumerate((3, 3, 2))]
    for name in ("anova", "kruskal"):
        p, count = brute_force(name, groups)
        yield name, groups, p, count


if __name__ == "__main__":
    out = []
    for name, groups, p, count in cases():
        neurons = np.vstack(groups).T.tolist()
        out.append(
            {
                "statistic": name,
                "sizes": [len(group) for group in groups],
                "neurons": neurons,
                "p": [float(x) for x in p],
                "count": int(count),
            }
        )
    write("max_t.json", "make_max_t.py", ["numpy", "scipy", "mne"], {"cases": out})
