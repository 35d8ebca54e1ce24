"""Rules: what they say of people, and mistakes in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.segment.worlds import people
from vocative.records.segmenting import Condition, SegmentRule
from vocative.records.settings import Business, Sender, Settings
from vocative.segment.population import Cells, Population
from vocative.segment.rules import asks_for_predictions, evaluate, features_of, members, rule_mistakes

FEATURES = ("orders_365d", "money_365d", "days_since_purchase")


def settings(**rules: SegmentRule) -> Settings:
    return Settings(
        business=Business(name="Shop", timezone="Europe/Riga"),
        sender=Sender(name="Shop", email="a@example.com"),
        segments=dict(rules),
    )


def at_least(bound: float, feature: str = "orders_365d") -> Condition:
    return Condition(feature=feature, at_least=bound)


values = st.one_of(st.none(), st.floats(-5, 5).map(lambda value: round(value)))
crowds = st.lists(st.fixed_dictionaries(dict.fromkeys(FEATURES, values)), min_size=1, max_size=12).map(
    lambda rows: people([{name: float(v) for name, v in row.items() if v is not None} for row in rows])
)
leaves = st.builds(
    lambda name, low, width: Condition(feature=name, at_least=float(low), at_most=float(low + width)),
    st.sampled_from(FEATURES),
    st.integers(-5, 5),
    st.integers(0, 6),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Condition(all=parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Condition(any=parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Condition(none=parts)),
    ),
    max_leaves=8,
)


def holds(rule: Condition, crowd: Population) -> list[bool]:
    return [bool(one) for one in members(rule, crowd)]


@given(crowds, conditions, conditions)
def test_none_is_every_negation_and_not_any(crowd: Population, one: Condition, other: Condition) -> None:
    assert holds(Condition(none=[one, other]), crowd) == holds(
        Condition(all=[Condition(none=[one]), Condition(none=[other])]), crowd
    )
    assert holds(Condition(none=[Condition(all=[one, other])]), crowd) == holds(
        Condition(any=[Condition(none=[one]), Condition(none=[other])]), crowd
    )


@given(crowds, conditions, conditions)
def test_one_more_condition_takes_from_all_and_adds_to_any(crowd: Population, one: Condition, other: Condition) -> None:
    alone = members(one, crowd)
    assert not (members(Condition(all=[one, other]), crowd) & ~alone).any()
    assert not (alone & ~members(Condition(any=[one, other]), crowd)).any()


@given(crowds, st.sampled_from(FEATURES), st.floats(-5, 5), st.floats(0, 3))
def test_a_higher_bound_lets_fewer_in(crowd: Population, name: str, low: float, step: float) -> None:
    assert not (members(at_least(low + step, name), crowd) & ~members(at_least(low, name), crowd)).any()


@given(crowds, st.sampled_from(FEATURES), st.floats(0.01, 1.0), st.floats(0.0, 1.0))
def test_the_top_is_as_large_as_said_and_equals_go_in_together(
    crowd: Population, name: str, share: float, more: float
) -> None:
    value = crowd.feature(name)
    known = int((~np.isnan(value)).sum())
    inside = members(Condition(feature=name, top=share), crowd)
    assert int(inside.sum()) >= share * known
    assert not (inside & np.isnan(value)).any()
    if inside.any():
        # Without those who share the last place it is smaller than asked for.
        assert int((value > value[inside].min()).sum()) < max(share * known, 1)
        assert (inside == (value >= value[inside].min())).all()
    wider = members(Condition(feature=name, top=min(share + more, 1.0)), crowd)
    assert not (inside & ~wider).any()


@given(crowds, st.sampled_from(FEATURES))
def test_whether_something_is_known_is_always_known(crowd: Population, name: str) -> None:
    unknown = Condition(feature=name, known=False)
    assert holds(unknown, crowd) == np.isnan(crowd.feature(name)).tolist()
    assert holds(Condition(feature=name, known=True), crowd) == holds(Condition(none=[unknown]), crowd)


def test_until_a_prediction_is_admitted_something_else_may_decide() -> None:
    """Unknown stays unknown, so the other way in has to ask for it."""
    rule = Condition(
        any=[
            Condition(all=[at_least(2), Condition(prediction="buys_28d", top=0.5)]),
            Condition(all=[at_least(4), Condition(prediction="buys_28d", known=False)]),
        ]
    )
    crowd = people([{"orders_365d": orders} for orders in (1.0, 3.0, 5.0)])
    assert holds(rule, crowd) == [False, False, True]
    admitted = Cells({"buys_28d": 0}, np.arange(3), np.zeros(3, np.int64), {"value": np.array([0.9, 0.8, 0.1])})
    assert holds(rule, replace(crowd, predictions=admitted)) == [False, True, False]


@given(crowds, conditions)
def test_nothing_holds_and_fails_at_once(crowd: Population, one: Condition) -> None:
    truth = evaluate(one, crowd)
    assert not (truth.yes & truth.no).any()


@given(crowds, conditions)
def test_learning_a_value_changes_no_verdict_that_was_sure(crowd: Population, one: Condition) -> None:
    before = evaluate(one, crowd)
    learnt = {name: np.nan_to_num(crowd.feature(name), nan=2.0) for name in FEATURES}
    after = evaluate(one, Population(crowd.people, learnt))
    assert (after.yes[before.yes]).all()
    assert (after.no[before.no]).all()


def test_who_is_unknown_is_no_member_not_even_of_the_opposite() -> None:
    crowd = people([{"orders_365d": 5.0}, {"orders_365d": 1.0}, {"money_365d": 3.0}])
    assert holds(at_least(3), crowd) == [True, False, False]
    assert holds(Condition(none=[at_least(3)]), crowd) == [False, True, False]


def test_what_another_condition_settles_need_not_be_known() -> None:
    crowd = people([{"money_365d": 9.0}])
    assert holds(Condition(any=[at_least(3), at_least(5, "money_365d")]), crowd) == [True]
    assert evaluate(Condition(all=[at_least(3), at_least(99, "money_365d")]), crowd).no.tolist() == [True]


def test_bounds_are_included() -> None:
    crowd = people([{"orders_365d": 3.0}, {"orders_365d": 4.0}, {"orders_365d": 5.0}, {"orders_365d": 5.5}])
    assert holds(Condition(feature="orders_365d", at_least=4, at_most=5), crowd) == [False, True, True, False]


def test_a_liking_counts_and_an_unknown_one_does_not() -> None:
    crowd = people([{"orders_365d": 1.0}] * 3, [{"category:TEA": 1.5}, {"category:TEA": -0.5}, {}])
    assert holds(Condition(affinity="category:TEA", at_least=1), crowd) == [True, False, False]
    assert holds(Condition(affinity="category:NOTHING", at_least=-9), crowd) == [False, False, False]


def test_a_rule_of_several_parts_needs_all_of_them() -> None:
    crowd = people([{"orders_365d": 5.0, "money_365d": 1.0}, {"orders_365d": 5.0, "money_365d": 9.0}])
    rule = SegmentRule(title="x", all=[at_least(3)], none=[at_least(5, "money_365d")])
    assert members(rule, crowd).tolist() == [True, False]
    assert members(SegmentRule(title="x"), crowd).tolist() == [False, False]


@pytest.mark.parametrize(
    ("rule", "path", "what", "remedy"),
    [
        (SegmentRule(title="T"), "segments.it", "no conditions", "`all`"),
        (SegmentRule(title=" ", all=[at_least(1)]), "segments.it.title", "empty", "plain words"),
        (SegmentRule(title="T", all=[at_least(1, "order_365d")]), "segments.it.all.1.feature", "'order_365d'",
         "did you mean `orders_365d`"),
        (SegmentRule(title="T", all=[Condition(feature="orders_365d")]), "segments.it.all.1", "no bounds",
         "`at_least`"),
        (SegmentRule(title="T", all=[Condition(feature="orders_365d", known=False, top=0.1)]), "segments.it.all.1",
         "nobody meets it", "`known = false`"),
        (SegmentRule(title="T", any=[at_least(1), Condition(feature="orders_365d", at_least=3, at_most=2)]),
         "segments.it.any.2", "above", "swap"),
        (SegmentRule(title="T", none=[Condition(feature="orders_365d", affinity="category:TEA", at_least=1)]),
         "segments.it.none.1", "`feature` and `affinity`", "exactly one"),
        (SegmentRule(title="T", all=[Condition(any=[Condition()])]), "segments.it.all.1.any.1", "empty", "exactly one"),
        (SegmentRule(title="T", all=[Condition(any=[at_least(1)], at_least=2)]), "segments.it.all.1", "bounds",
         "inside"),
        (SegmentRule(title="T", all=[Condition(affinity="tea", at_least=1)]), "segments.it.all.1.affinity",
         "not a liking", "attribute:value"),
        (SegmentRule(title="T", all=[Condition(affinity="categry:TEA", at_least=1)]), "segments.it.all.1.affinity",
         "'categry'", "did you mean `category`"),
        (SegmentRule(title="T", all=[Condition(prediction="buy_28d", at_least=1)]), "segments.it.all.1.prediction",
         "'buy_28d'", "did you mean `buys_28d`"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_place_and_remedy(rule: SegmentRule, path: str, what: str, remedy: str) -> None:
    (found,) = rule_mistakes(settings(it=rule), FEATURES, ("buys_28d", "quiet_56d"))
    assert ".".join(found[0]) == path
    assert what in found[1]
    assert remedy in found[2]


def test_a_sound_rule_has_no_mistake() -> None:
    sound = settings(
        it=SegmentRule(title="T", all=[at_least(1)], any=[Condition(affinity="brand:Own", at_most=0)]),
        other=SegmentRule(title="T", none=[Condition(prediction="repeat_rhythm:TEA", at_least=0.5)]),
    )
    assert not list(rule_mistakes(sound, FEATURES, ("repeat_rhythm",)))
    assert features_of(sound) == {"orders_365d"}
    assert asks_for_predictions(sound)
    assert not asks_for_predictions(settings(it=SegmentRule(title="T", all=[at_least(1)])))
