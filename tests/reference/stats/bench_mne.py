"""Times what max-T is measured against: MNE's permutation_t_test, and the bare product in NumPy.

    python -m pip install mne numpy
    python bench_mne.py [neurons] [pairs] [flips]

Run it beside `cargo run -p selectron-stats --example max_t`, on the same quiet machine.
"""

import sys
import time

import mne
import numpy as np

neurons, pairs, flips = (int(x) for x in (sys.argv[1:4] + ["36864", "100", "10000"][len(sys.argv) - 1 :]))
rng = np.random.default_rng(0)
x = rng.normal(size=(pairs, neurons)).astype(np.float32)
signs = rng.choice(np.array([-1, 1], np.float32), size=(flips, pairs))
for _ in range(3):
    start = time.perf_counter()
    for part in np.array_split(signs, 40):
        part @ x
    print(f"NumPy float32 product: {time.perf_counter() - start:.3f} s")
start = time.perf_counter()
mne.stats.permutation_t_test(x.astype(np.float64), n_permutations=flips, tail=0, n_jobs=1, seed=0, verbose=False)
print(f"MNE {mne.__version__} permutation_t_test: {time.perf_counter() - start:.3f} s")
