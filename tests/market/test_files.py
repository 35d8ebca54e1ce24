"""Files of the market: what a shop would export, complete, importable, and with nothing of what is hidden."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from vocative.market import policies
from vocative.market.clock import clock_of, midnight
from vocative.market.files import KINDS as FILE_KINDS
from vocative.market.files import Books, books_of, discount_of, offer_id, person_of
from vocative.market.holdout import HoldoutArms, adjusted, estimate
from vocative.market.limits import Contacts
from vocative.market.people import KINDS, YES
from vocative.market.simulating import Run, live_week
from vocative.market.world import draw_market, newborn

PEOPLE, SEED = 120, 5
Rows = list[dict[str, str]]


class Written:
    """A market of a few weeks, exported every week, and the run behind it."""

    def __init__(self, folder: Path) -> None:
        market = draw_market(SEED, PEOPLE, 2)
        self.books: Books = books_of(market, folder)
        self.run = Run(newborn(market), Contacts.of(PEOPLE), policies.random, self.books.watch)
        self.paths: list[tuple[str, Path]] = []
        for week in (*range(-26, -22), 0, 1):
            self.paths += self.books.export(week * 7)
            live_week(self.run, week)
        self.paths += self.books.export(14)

    def rows(self, kind: str) -> Rows:
        found: Rows = []
        for of, path in self.paths:
            if of == kind:
                with path.open(encoding="utf-8", newline="") as lines:
                    found += list(csv.DictReader(lines))
        return found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(tmp_path_factory.mktemp("books"))


def test_every_event_is_told_once_and_money_adds_up(written: Written) -> None:
    events = written.rows("events")
    ids = [row["message_id"] for row in events]
    assert len(ids) == len(set(ids)) > 1000
    sold = [row for row in events if row["event"] == "purchase"]
    rates = {row["item_id"]: float(row["margin"]) / float(row["price"]) for row in written.rows("items")}
    earned = sum(
        (float(row["amount"]) + float(row["coupon"])) * rates[row["item_id"]] - float(row["coupon"]) for row in sold
    )
    state = written.run.world.state
    costs = state.contacts.sum() and written.run.contacts.spent + 3.0 * sum(
        row["event"] == "complaint" for row in events
    )
    assert earned - costs == pytest.approx(float(state.profit.sum()), rel=2e-3)
    assert sum(row["event"] == "mail_sent" for row in events) == state.contacts.sum()


def test_nothing_of_what_is_hidden_is_in_any_file(written: Written) -> None:
    """No column but those a shop has, no name of a kind, and none of the hidden numbers."""
    people = written.run.world.market.people
    names = {name for kind in FILE_KINDS for name in written.rows(kind)[0]}
    assert names <= {
        "message_id", "timestamp", "event", "user_id", "order_id", "item_id", "quantity", "amount", "discount",
        "coupon", "channel", "text", "cost", "offer_id", "email", "phone", "first_name", "gender", "language",
        "timezone", "country", "home", "name", "category", "brand", "price", "margin", "stock", "purpose", "status",
        "at", "source", "code", "unit", "starts_at", "ends_at",
    }  # fmt: skip
    text = "".join(path.read_text(encoding="utf-8") for _, path in written.paths).lower()
    assert not [kind for kind in KINDS if kind in text or kind.replace("_", " ") in text]
    hidden = np.concatenate([people.lift, people.dose, people.threshold, people.rate, people.hour]).tolist()
    told = {row["user_id"]: row for row in written.rows("people")}
    shown = {value for row in told.values() for value in row.values()}
    assert not shown & {f"{number:.{digits}f}" for number in hidden for digits in (2, 3, 4)}


def test_people_and_answers_are_told_when_they_come(written: Written) -> None:
    market = written.run.world.market
    told = [person_of(row["user_id"]) for row in written.rows("people")]
    assert sorted(told) == np.flatnonzero(market.people.joined < 14).tolist()
    answers = [
        row for row in written.rows("permissions") if row["purpose"] == "personalization" and row["status"] == "yes"
    ]
    asked = {person_of(row["user_id"]) for row in answers}
    assert asked == set(np.flatnonzero((market.people.personalization == YES) & (market.people.joined < 14)).tolist())


def test_coupons_name_their_size_and_what_was_used_was_offered(written: Written) -> None:
    assert discount_of(offer_id(12, 0.05)) == 0.05
    offered = {row["offer_id"] for row in written.rows("offers")}
    used = {row["offer_id"] for row in written.rows("events") if row["event"] == "coupon_used"}
    assert used
    assert used <= offered


def test_the_clock_goes_there_and_back_over_both_changes_of_the_hour() -> None:
    clock = clock_of(60)
    days = np.arange(0, 360)
    for zone in range(4):
        utc = clock.utc(np.full(360, zone), days, np.full(360, 9 * 3600))
        day, second = clock.local(np.full(360, zone), utc)
        np.testing.assert_array_equal(day, days)
        np.testing.assert_array_equal(second, 9 * 3600)
    assert clock.utc(np.array([2]), np.array([0]), np.array([3600])) == midnight(0)


def test_the_estimate_from_files_is_that_of_the_true_profits(written: Written) -> None:
    random = np.random.default_rng(3)
    arm = random.random(PEOPLE) < 0.5
    since = np.full(PEOPLE, midnight(0))
    arms = HoldoutArms([f"P{one:06d}" for one in range(PEOPLE)], arm, since)
    gain = estimate(written.books.folder, arms, {}, midnight(14))
    assert gain is not None
    assert gain.low < gain.value < gain.high


def test_an_effect_is_found_with_the_coverage_it_claims() -> None:
    random = np.random.default_rng(11)
    covered, widths, plain = 0, [], []
    for _ in range(300):
        known = random.lognormal(0, 1, (400, 1))
        own = np.where(random.random(400) < 0.3, 4.0, 0.0)
        base = 3 * known[:, 0] + random.normal(0, 2, 400)
        treated = random.random(400) < 0.8
        gain = adjusted(base + own * treated, treated, known)
        assert gain is not None
        truth = float(own[treated].sum())
        covered += gain.low <= truth <= gain.high
        widths.append(gain.high - gain.low)
        alone = adjusted(base + own * treated, treated, np.zeros((400, 1)))
        assert alone is not None
        plain.append(alone.high - alone.low)
    assert covered / 300 > 0.92
    assert np.mean(widths) < 0.75 * np.mean(plain)
    assert adjusted(np.ones(3), np.array([True, True, True]), np.ones((3, 1))) is None
