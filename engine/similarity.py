"""How alike short texts are: the words and parts of words they share."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack

from engine.value.distributions import FloatArray

MAX_CHARACTERS = 2_000  # of one text; more does not say more about what it is


def cosines(texts: Sequence[str], others: Sequence[str] | None = None) -> FloatArray:
    """Return how alike texts are: 0 when they share nothing, 1 when they are equal.

    TF-IDF over words and pairs of words, and over parts of words of three to five
    letters, each half of the weight: the first knows what a text is about, the
    second forgives endings and typing errors. Case does not count.

    Parameters
    ----------
    texts, others : sequence of str, of length n and m
        Without `others`, the texts are held against each other.

    Returns
    -------
    ndarray of shape (n, m), or (n, n)
    """
    rows = [each[:MAX_CHARACTERS] for each in texts]
    columns = rows if others is None else [each[:MAX_CHARACTERS] for each in others]
    every = rows if others is None else [*rows, *columns]
    if not any(each.strip() for each in every):
        return np.zeros((len(rows), len(columns)))
    vectors = _vectors(every)
    first = vectors[: len(rows)]
    second = vectors if others is None else vectors[len(rows) :]
    return np.asarray((first @ second.T).toarray(), dtype=np.float64)


def _vectors(texts: Sequence[str]) -> csr_matrix:
    """Return one row of unit length per text; a text without letters has zeros."""
    # A second to load, and few processes compare texts.
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    parts = []
    for analyzer, ngrams, pattern in (
        ("word", (1, 2), r"(?u)\b\w\w+\b"),
        ("char_wb", (3, 5), None),
    ):
        made = TfidfVectorizer(
            analyzer=analyzer,
            ngram_range=ngrams,
            sublinear_tf=True,
            **({"token_pattern": pattern} if pattern else {}),
        )
        try:
            parts.append(made.fit_transform(texts))
        except ValueError:  # no text has a single token of this kind
            continue
    return normalize(hstack(parts)).tocsr() if parts else csr_matrix((len(texts), 1))
