import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from engine.errors import EngineError
from engine.training import persist

KEY = b"a key of ours"


@pytest.fixture
def model(ranked):
    labels, scores = ranked
    return LogisticRegression().fit(scores[:, None], labels)


def test_a_file_with_a_type_outside_our_list_is_rejected(tmp_path, ranked):
    labels, scores = ranked
    crafted = Pipeline(
        [
            ("prepare", FunctionTransformer(np.testing.measure)),
            ("model", LogisticRegression()),
        ]
    )
    crafted.steps[1][1].fit(scores[:, None], labels)
    skops.io.dump(crafted, tmp_path / "model.skops")
    with pytest.raises(EngineError, match=r"types that no linear model of ours has"):
        persist.load(tmp_path / "model.skops", family="linear")


def test_a_forest_is_not_accepted_as_a_linear_model(tmp_path, ranked):
    from sklearn.ensemble import RandomForestClassifier

    labels, scores = ranked
    forest = RandomForestClassifier(n_estimators=2).fit(scores[:, None], labels)
    persist.save(forest, tmp_path / "model.skops")
    with pytest.raises(EngineError, match="do not use this file"):
        persist.load(tmp_path / "model.skops", family="linear")
    assert persist.load(tmp_path / "model.skops", family="forest").n_estimators == 2


def test_a_signed_model_comes_back(tmp_path, model):
    path = tmp_path / "model.skops"
    persist.save(model, path)
    signature = persist.sign(path, KEY)
    again = persist.load(path, family="linear", key=KEY, signature=signature)
    assert np.array_equal(again.coef_, model.coef_)


def test_a_changed_file_is_not_even_opened(tmp_path, model):
    path = tmp_path / "model.skops"
    persist.save(model, path)
    signature = persist.sign(path, KEY)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(EngineError, match="signature does not match"):
        persist.load(path, family="linear", key=KEY, signature=signature)


def test_a_signature_made_with_another_key_is_rejected(tmp_path, model):
    path = tmp_path / "model.skops"
    persist.save(model, path)
    with pytest.raises(EngineError, match="signature does not match"):
        persist.load(
            path, family="linear", key=KEY, signature=persist.sign(path, b"theirs")
        )


def test_a_file_that_is_no_model_is_named(tmp_path):
    (tmp_path / "model.skops").write_bytes(b"hello")
    with pytest.raises(EngineError, match="is no skops file"):
        persist.load(tmp_path / "model.skops", family="linear")


def test_sign_is_hmac_sha256_as_published(tmp_path):
    # RFC 4231, test case 2.
    (tmp_path / "m").write_bytes(b"what do ya want for nothing?")
    assert persist.sign(tmp_path / "m", b"Jefe") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
