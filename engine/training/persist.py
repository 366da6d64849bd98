"""Keep and open models without running anything that a file brings along."""

import hashlib
import hmac
import zipfile
from pathlib import Path
from typing import Any

import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from engine.errors import EngineError

_BASE = ("numpy.dtype", "engine.training.fill.Fill")
_TREE = ("sklearn.tree._tree.Tree",)
# Ours alone. A list read from the file would trust whatever an attacker names.
ALLOWED_TYPES: dict[str, tuple[str, ...]] = {
    "baseline": _BASE,
    "linear": _BASE,
    "tree": _BASE + _TREE,
    "forest": _BASE + _TREE,
    "boosting": (
        *_BASE,
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    ),
    "neural": (
        *_BASE,
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    ),
}


def save(model: Any, path: Path) -> None:
    """Write a fitted pipeline in the skops format."""
    skops.io.dump(model, path)


def load(
    path: Path, *, family: str, key: bytes | None = None, signature: str = ""
) -> Any:
    """Return the fitted pipeline in a file.

    Parameters
    ----------
    key, signature
        With a key, the file must carry the signature that `sign` made with it; it is
        checked before anything in the file is read.

    Raises
    ------
    EngineError
        If the signature does not match, the file is no model, or it holds a type
        outside our list for the family.
    """
    if key is not None and not hmac.compare_digest(sign(path, key), signature):
        raise EngineError(
            f"model {path.name}: the signature does not match; the file was not "
            "written by this portal or was changed since. Train the run again"
        )
    if family not in ALLOWED_TYPES:
        raise EngineError(f"model {path.name}: no family {family!r} to load it as")
    try:
        return skops.io.load(path, trusted=list(ALLOWED_TYPES[family]))
    except UntrustedTypesFoundException as error:
        raise EngineError(
            f"model {path.name}: holds types that no {family} model of ours has "
            f"({error}); do not use this file"
        ) from error
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise EngineError(
            f"model {path.name}: is no skops file ({error}); upload it again"
        ) from error


def sign(path: Path, key: bytes) -> str:
    """Return the HMAC-SHA-256 of a file under `key`, in hex."""
    with path.open("rb") as stream:
        mac = hmac.new(key, digestmod=hashlib.sha256)
        while block := stream.read(1 << 20):
            mac.update(block)
    return mac.hexdigest()
