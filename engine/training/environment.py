"""What a number may depend on besides data, rules and seeds."""

import os
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info


@cache
def _fixed() -> dict[str, Any]:
    packages = {d.metadata["Name"]: d.version for d in metadata.distributions()}
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "instruction_sets": [*simd.get("baseline", []), *simd.get("found", [])],
        "packages": dict(sorted(packages.items())),
    }


def capture() -> dict[str, Any]:
    """Return python, platform, packages, instruction sets, BLAS and threads."""
    pools = [
        {
            "api": pool["user_api"],
            "library": Path(pool["filepath"]).name,
            "version": pool["version"],
            "architecture": pool.get("architecture", ""),
            "threads": pool["num_threads"],
        }
        for pool in threadpool_info()
    ]
    settings = {
        name: os.environ[name]
        for name in ("OMP_NUM_THREADS", "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS")
        if name in os.environ
    }
    return _fixed() | {"thread_pools": pools, "settings": settings}
