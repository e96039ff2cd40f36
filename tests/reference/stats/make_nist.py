"""Makes nist.json: certified values of NIST's Statistical Reference Datasets (StRD), and the data.

    python -m pip install scipy numpy
    python make_nist.py

Analysis of variance: the files that SciPy's own tests carry (scipy/stats/tests/data/nist_anova). The
SmLs sets are regular, so only what they are made of is kept, after a check against the file: each
treatment begins with its level, then a tenth less and a tenth more in turn. Where SciPy is installed
without its tests, take the files from https://www.itl.nist.gov/div898/strd/anova/anova.html.

Far from 0 a double holds few digits of these numbers, and no program can recover more than they say.
So next to the certified F stands that of the rounded data, in exact arithmetic.

Univariate: the data of Lottery, Lew, Mavro and Michelso stand below; that they are NIST's is checked
against the certified mean and standard deviation, in exact arithmetic. NumAcc1 to 4 are regular too, as NIST describes them. Their certified means and standard
deviations are exact: 10000002 and 1, 1.2 and 0.1, 1000000.2 and 0.1, 10000000.2 and 0.1.
"""

from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

import scipy
from made import write

FOLDER = Path(scipy.__file__).parent / "stats/tests/data/nist_anova"


def read(name):
    """The treatments' values, as written, and the certified F."""
    lines = (FOLDER / f"{name}.dat").read_text().splitlines()
    between = next(line for line in lines if line.startswith("Between"))
    start = max(i for i, line in enumerate(lines) if line.startswith("Data:")) + 1
    groups = {}
    for line in lines[start:]:
        if line.split():
            treatment, value = line.split()
            groups.setdefault(treatment, []).append(Decimal(value))
    return list(groups.values()), float(between.split()[-1])


def rounded_f(groups):
    """F of the data as doubles hold them."""
    groups = [[Fraction(float(x)) for x in group] for group in groups]
    n = sum(map(len, groups))
    whole = sum(map(sum, groups)) / n
    means = [sum(group) / len(group) for group in groups]
    between = sum(len(group) * (mean - whole) ** 2 for group, mean in zip(groups, means))
    within = sum((x - mean) ** 2 for group, mean in zip(groups, means) for x in group)
    return float((between / (len(groups) - 1)) / (within / (n - len(groups))))


def anova():
    for name in ("SiRstv", "AtmWtAg"):
        groups, f = read(name)
        yield {"name": name, "groups": [[float(x) for x in group] for group in groups], "f": f, "rounded": rounded_f(groups)}


def regular():
    for number in range(1, 10):
        name = f"SmLs0{number}"
        groups, f = read(name)
        for group in groups:
            level, tenth = group[0], Decimal("0.1")
            made = [level] + [level + (tenth if i % 2 else -tenth) for i in range(len(group) - 1)]
            assert group == made, name
        yield {"name": name, "replicates": len(groups[0]), "levels": [str(group[0]) for group in groups], "f": f, "rounded": rounded_f(groups)}


# Certified mean, certified standard deviation, data.
SETS = {
    "Lottery": (
        "518.958715596330",
        "291.699727470969",
        """162 671 933 414 788 730 817 33 536 875 670 236 473 167 877 980 316 950 456 92 517 557 956 954 104
        178 794 278 147 773 437 435 502 610 582 780 689 562 964 791 28 97 848 281 858 538 660 972 671 613
        867 448 738 966 139 636 847 659 754 243 122 455 195 968 793 59 730 361 574 522 97 762 431 158 429
        414 22 629 788 999 187 215 810 782 47 34 108 986 25 644 829 630 315 567 919 331 207 412 242 607 668
        944 749 168 864 442 533 805 372 63 458 777 416 340 436 140 919 350 510 572 905 900 85 389 473 758
        444 169 625 692 140 897 672 288 312 860 724 226 884 508 976 741 476 417 831 15 318 432 241 114 799
        955 833 358 935 146 630 830 440 642 356 373 271 715 367 393 190 669 8 861 108 795 269 590 326 866
        64 523 862 840 219 382 998 4 628 305 747 247 34 747 729 645 856 974 24 568 24 694 608 480 410 729
        947 293 53 930 223 203 677 227 62 455 387 318 562 242 428 968""",
    ),
    "Lew": (
        "-177.435000000000",
        "277.332168044316",
        """-213 -564 -35 -15 141 115 -420 -360 203 -338 -431 194 -220 -513 154 -125 -559 92 -21 -579 -52 99
        -543 -175 162 -457 -346 204 -300 -474 164 -107 -572 -8 83 -541 -224 180 -420 -374 201 -236 -531 83
        27 -564 -112 131 -507 -254 199 -311 -495 143 -46 -579 -90 136 -472 -338 202 -287 -477 169 -124 -568
        17 48 -568 -135 162 -430 -422 172 -74 -577 -13 92 -534 -243 194 -355 -465 156 -81 -578 -64 139 -449
        -384 193 -198 -538 110 -44 -577 -6 66 -552 -164 161 -460 -344 205 -281 -504 134 -28 -576 -118 156
        -437 -381 200 -220 -540 83 11 -568 -160 172 -414 -408 188 -125 -572 -32 139 -492 -321 205 -262 -504
        142 -83 -574 0 48 -571 -106 137 -501 -266 190 -391 -406 194 -186 -553 83 -13 -577 -49 103 -515 -280
        201 300 -506 131 -45 -578 -80 138 -462 -361 201 -211 -554 32 74 -533 -235 187 -372 -442 182 -147
        -566 25 68 -535 -244 194 -351 -463 174 -125 -570 15 72 -550 -190 172 -424 -385 198 -218 -536 96""",
    ),
    "Mavro": (
        "2.00185600000000",
        "0.000429123454003053",
        """2.00180 2.00170 2.00180 2.00190 2.00180 2.00170 2.00150 2.00140 2.00150 2.00150 2.00170 2.00180
        2.00180 2.00190 2.00190 2.00210 2.00200 2.00160 2.00140 2.00130 2.00130 2.00150 2.00150 2.00160
        2.00150 2.00140 2.00130 2.00140 2.00150 2.00140 2.00150 2.00160 2.00150 2.00160 2.00190 2.00200
        2.00200 2.00210 2.00220 2.00230 2.00240 2.00250 2.00270 2.00260 2.00260 2.00260 2.00270 2.00260
        2.00250 2.00240""",
    ),
    "Michelso": (
        "299.852400000000",
        "0.0790105478190518",
        """299.85 299.74 299.90 300.07 299.93 299.85 299.95 299.98 299.98 299.88 300.00 299.98 299.93 299.65
        299.76 299.81 300.00 300.00 299.96 299.96 299.96 299.94 299.96 299.94 299.88 299.80 299.85 299.88
        299.90 299.84 299.83 299.79 299.81 299.88 299.88 299.83 299.80 299.79 299.76 299.80 299.88 299.88
        299.88 299.86 299.72 299.72 299.62 299.86 299.97 299.95 299.88 299.91 299.85 299.87 299.84 299.84
        299.85 299.84 299.84 299.84 299.89 299.81 299.81 299.82 299.80 299.77 299.76 299.74 299.75 299.76
        299.91 299.92 299.89 299.86 299.88 299.72 299.84 299.85 299.85 299.78 299.89 299.84 299.78 299.81
        299.76 299.81 299.79 299.81 299.82 299.85 299.87 299.87 299.81 299.74 299.81 299.94 299.95 299.80
        299.81 299.87""",
    ),
}


def univariate():
    getcontext().prec = 50
    for name, (mean, deviation, data) in SETS.items():
        values = [Decimal(x) for x in data.split()]
        exact = sum(values) / len(values)
        spread = (sum((x - exact) ** 2 for x in values) / (len(values) - 1)).sqrt()
        for found, certified in ((exact, Decimal(mean)), (spread, Decimal(deviation))):
            assert abs(found / certified - 1) < Decimal("1e-14"), (name, found, certified)
        yield {"name": name, "values": [float(x) for x in values], "mean": float(mean), "sd": float(deviation)}


def numacc():
    for number, first, step, count, mean, deviation in (
        (1, "10000001", None, 3, 10000002.0, 1.0),
        (2, "1.2", "0.1", 1001, 1.2, 0.1),
        (3, "1000000.2", "0.1", 1001, 1000000.2, 0.1),
        (4, "10000000.2", "0.1", 1001, 10000000.2, 0.1),
    ):
        if step is None:
            values = [10000001.0, 10000003.0, 10000002.0]
        else:
            first, step = Decimal(first), Decimal(step)
            values = [first] + [first + (step if i % 2 else -step) for i in range(count - 1)]
        yield {"name": f"NumAcc{number}", "values": [float(x) for x in values], "mean": mean, "sd": deviation}


if __name__ == "__main__":
    content = {"anova": list(anova()), "regular": list(regular()), "univariate": [*univariate(), *numacc()]}
    write("nist.json", "make_nist.py", ["numpy", "scipy"], content)
