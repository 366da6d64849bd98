from typing import Any

import numpy as np
import pytest

from engine.errors import EngineError
from engine.training.protocol import Protocol, default_folds, differences
from engine.training.splitting import index_digest, split


def rules(**changes) -> Protocol:
    settings: dict[str, Any] = {
        "task": "binary",
        "target": "left",
        "positive": "yes",
        "data_digest": "d" * 64,
        "primary_metric": "roc_auc",
        "folds": 5,
    }
    return Protocol(**(settings | changes))


LABELS = np.tile([0, 0, 0, 1], 100)


def test_protocol_survives_json_and_keeps_its_digest():
    before = rules(features=("a", "b"), seeds=(1, 2), excluded=("c",))
    after = Protocol.from_json(before.to_json())
    assert after == before
    assert after.digest() == before.digest()


def test_another_fold_seed_is_another_protocol_and_is_named():
    assert rules().digest() != rules(fold_seed=2).digest()
    assert differences(rules(), rules(fold_seed=2, folds=10)) == ("folds", "fold_seed")
    assert differences(rules(), rules()) == ()


def test_ten_fits_whatever_the_number_of_rows():
    assert default_folds(1_999) == (5, 2)
    assert default_folds(2_000) == (10, 1)


def test_split_covers_each_row_once_and_seals_the_holdout():
    found = split(LABELS, None, rules())
    assert len(found.holdout) == 80
    tested = np.concatenate([fold.test for fold in found.folds])
    assert sorted([*tested, *found.holdout]) == list(range(400))
    for fold in found.folds:
        assert not set(fold.train) & (set(fold.test) | set(found.holdout))
        assert LABELS[fold.test].mean() == pytest.approx(0.25)


def test_split_is_the_same_again_and_another_with_another_seed():
    first, again = split(LABELS, None, rules()), split(LABELS, None, rules())
    other = split(LABELS, None, rules(holdout_seed=2))
    assert first.holdout_digest == again.holdout_digest
    assert first.folds_digest == again.folds_digest
    assert first.holdout_digest != other.holdout_digest


def test_repeats_shuffle_anew():
    found = split(LABELS, None, rules(repeats=2))
    assert [fold.repeat for fold in found.folds] == [0] * 5 + [1] * 5
    assert set(found.folds[0].test) != set(found.folds[5].test)


def test_groups_never_fall_on_both_sides():
    groups = np.repeat(np.arange(40), 10)
    found = split(LABELS, groups, rules(splitter="group", group_column="customer"))
    sealed = set(groups[found.holdout])
    for fold in found.folds:
        assert not set(groups[fold.train]) & set(groups[fold.test])
        assert not sealed & set(groups[fold.train])


def test_time_split_trains_on_the_past_only():
    times = np.random.default_rng(1).permutation(400)
    protocol = rules(splitter="time", time_column="day")
    found = split(LABELS, None, protocol, times=times)
    assert times[found.holdout].min() > times[found.training].max()
    for fold in found.folds:
        assert times[fold.train].max() < times[fold.test].min()


def test_rows_of_one_instant_stay_together_at_the_holdout():
    times = np.repeat(np.arange(4), 100)
    protocol = rules(splitter="time", time_column="day", holdout_share=0.3)
    found = split(np.tile([0, 1], 200), None, protocol, times=times)
    assert not set(times[found.holdout]) & set(times[found.training])


def test_index_digest_is_that_of_little_endian_bytes():
    # sha256 of eight bytes 01 00 … 00
    expected = "7c9fa136d4413fa6173637e883b6998d32e1d675f88cddff9dcbcf331820f4b8"
    assert index_digest(np.array([1])) == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"group_column": "customer"}, "choose group"),
        ({"splitter": "group"}, "needs group_column"),
        ({"time_column": "day"}, "shuffle_reason"),
        ({"splitter": "time"}, "needs time_column"),
        ({"splitter": "time", "time_column": "day", "repeats": 2}, "repeats to 1"),
        ({"task": "regression", "primary_metric": "mae"}, "needs classes"),
        ({"primary_metric": "max_error"}, "not one of binary"),
        ({"direction": "lower"}, "higher roc_auc is better"),
        ({"positive": ""}, "positive is empty"),
        ({"holdout_share": 0.0}, "between 0.05 and 0.5"),
        ({"folds": 1}, "between 2 and 20"),
        ({"seeds": ()}, "seeds are missing"),
        ({"splitter": "loo"}, "choose one of"),
        ({"target": ""}, "target is empty"),
    ],
)
def test_rules_that_contradict_are_refused_with_the_remedy(changes, words):
    with pytest.raises(EngineError, match=words):
        rules(**changes)


def test_shuffling_time_is_allowed_with_a_written_reason():
    reasoned = rules(time_column="day", shuffle_reason="one survey, same week")
    assert reasoned.splitter == "stratified"


def test_unknown_and_missing_fields_are_named():
    with pytest.raises(EngineError, match="colour"):
        Protocol.from_json(rules().to_json() | {"colour": "red"})
    with pytest.raises(EngineError, match="target"):
        Protocol.from_json({"task": "binary"})


def test_fewer_rows_of_a_class_than_folds_is_refused():
    labels = np.zeros(100, np.int64)
    labels[:4] = 1
    with pytest.raises(EngineError, match="smallest class has 4 rows"):
        split(labels, None, rules())


def test_a_fold_with_one_class_is_refused():
    labels = np.repeat([0, 1], 200)
    protocol = rules(splitter="time", time_column="day")
    with pytest.raises(EngineError, match="holds 1 of 2 classes"):
        split(labels, None, protocol, times=np.arange(400))
