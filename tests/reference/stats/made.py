"""What the fixture scripts share: versions, float32 samples, a case a line."""

import importlib.metadata
import json
import platform
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def f32(values):
    """Values as activations have them."""
    return np.asarray(values, dtype=np.float32).astype(np.float64)


def write(name, script, packages, content):
    """Writes a fixture with the program and versions that made it, one case a line."""
    made_by = {"script": f"tests/reference/stats/{script}", "python": platform.python_version()}
    made_by |= {package: importlib.metadata.version(package) for package in packages}
    parts = ['"made_by": ' + json.dumps(made_by)]
    for key, cases in content.items():
        parts.append(f'"{key}": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]")
    (HERE / name).write_text("{\n" + ",\n".join(parts) + "\n}\n")
