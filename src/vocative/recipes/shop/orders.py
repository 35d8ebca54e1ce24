"""Orders of the generated shop: things that run out come back, gear is bought now and then, some of it goes back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vocative.recipes.moments import Calendar, Flags, Floats, Integers, dotted, iso, seconds_of_day
from vocative.recipes.people import Crowd
from vocative.recipes.shop.catalogue import ShopCatalogue
from vocative.recipes.tables import with_rows, write_csv

FLAWED = 3
FLAWED_COMPLAINTS = 1
TILL_ZONE = "Europe/Riga"
_HABITS = 3
_SPREAD = 0.25
_SATURDAY = 5
_PROMOTION_WEEKS = 6
_COMPLAINTS = ("The parcel came late.", "The zip broke after a week.", "The wrong size was in the box.")


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of orders as columns of one length: person, article, day, moment (seconds since 1970 in UTC), and money."""

    who: Integers
    article: Integers
    day: Integers
    at: Integers
    pieces: Integers
    discount: Floats
    total: Floats
    gift: Flags

    def __len__(self) -> int:
        return len(self.who)


def draw_orders(random: np.random.Generator, who: Crowd, shop: ShopCatalogue, calendar: Calendar) -> Lines:
    """Draw all lines; those of one person and day are one order."""
    again, gear = _repeats(random, who, shop, calendar), _gear(random, who, shop, calendar)
    person, article, day = (np.concatenate([one, other]) for one, other in zip(again, gear, strict=True))
    day = _towards_saturday(random, calendar, who, person, day)
    order = np.lexsort((article, day, person))
    person, article, day = person[order], article[order], day[order]
    fresh = np.ones(len(person), bool)
    fresh[1:] = (person[1:] != person[:-1]) | (day[1:] != day[:-1]) | (article[1:] != article[:-1])
    person, article, day = person[fresh], article[fresh], day[fresh]
    # One moment for each order: that of its first line.
    second = seconds_of_day(random, who.peak[person])
    first = np.flatnonzero(np.concatenate([[True], (person[1:] != person[:-1]) | (day[1:] != day[:-1])]))
    second = second[np.repeat(first, np.diff([*first, len(person)]))]
    lasting = shop.lasting[article]
    pieces = np.where(lasting, 1, 1 + random.binomial(2, 0.2, len(person)))
    promoted = (day // 7) % _PROMOTION_WEEKS == 0
    cut = who.thrifty[person] & (promoted | (random.random(len(person)) < 0.5)) | (random.random(len(person)) < 0.05)
    share = np.where(cut, random.choice((0.1, 0.15, 0.25), len(person)), 0.0)
    full = shop.price[article] * pieces
    discount = np.round(full * share, 2)
    return Lines(
        who=person,
        article=article,
        day=day,
        at=calendar.utc(who.zone[person], day, second),
        pieces=pieces.astype(np.int64),
        discount=discount,
        total=np.round(full - discount, 2),
        gift=random.random(len(person)) < 0.02,
    )


def write_orders(path: Path, random: np.random.Generator, who: Crowd, shop: ShopCatalogue, lines: Lines,
                 calendar: Calendar) -> None:  # fmt: skip
    """Write sold and returned lines as the till exports them: its own zone, `;`, a decimal comma, three flawed rows."""
    back = _returned(random, shop, lines, calendar)
    rows = np.concatenate([np.arange(len(lines)), back])
    sign = np.concatenate([np.ones(len(lines), np.int64), -np.ones(len(back), np.int64)])
    later = np.where(sign < 0, random.integers(4, 20, len(rows)) * 86_400, 0)
    at = lines.at[rows] + later
    keep = at < calendar.utc_start + calendar.days * 86_400
    rows, sign, at = rows[keep], sign[keep], at[keep]
    order = np.lexsort((rows, at))
    rows, sign, at = rows[order], sign[order], at[order]
    columns = {
        "Order no.": [f"N{who_ * 1000 + day}" for who_, day in zip(lines.who[rows], lines.day[rows], strict=True)],
        "Line": [str(number) for number in rows.tolist()],
        "Type": ["S" if one > 0 else "R" for one in sign],
        "Date": dotted(calendar.in_zone(at, TILL_ZONE)),
        "Customer": [who.ids[place] for place in lines.who[rows]],
        "Article": [shop.skus[place] for place in lines.article[rows]],
        "Pieces": [str(number) for number in (lines.pieces[rows] * sign).tolist()],
        "Total": _money(lines.total[rows] * sign),
        "Off": _money(np.where(sign > 0, lines.discount[rows], 0.0)),
        "Gift": ["yes" if gift else "no" for gift in lines.gift[rows]],
    }
    good = {name: values[0] for name, values in columns.items()}
    flawed = [{**good, "Line": "x1", "Date": "32.13.2026 10:00"}, {**good, "Line": "x2", "Date": ""},
              {**good, "Line": "x3", "Pieces": "two"}]  # fmt: skip
    write_csv(path, with_rows(columns, flawed), delimiter=";")


def write_complaints(path: Path, random: np.random.Generator, who: Crowd, lines: Lines, calendar: Calendar) -> None:
    """Write what a few people were unhappy with; one row has no time."""
    rows = np.flatnonzero(random.random(len(lines)) < 0.012)
    at = lines.at[rows] + 5 * 86_400
    rows, at = (
        rows[at < calendar.utc_start + calendar.days * 86_400],
        at[at < calendar.utc_start + calendar.days * 86_400],
    )
    columns = {
        "ticket": [f"T{number}" for number in rows.tolist()],
        "opened": iso(at),
        "account": [who.ids[place] for place in lines.who[rows]],
        "words": [_COMPLAINTS[number % len(_COMPLAINTS)] for number in rows.tolist()],
    }
    write_csv(path, with_rows(columns, [{"ticket": "T-lost", "account": who.ids[0], "words": "?"}]))


def _repeats(
    random: np.random.Generator, who: Crowd, shop: ShopCatalogue, calendar: Calendar
) -> tuple[Integers, Integers, Integers]:
    """Up to three things each person buys again and again, each after a pause of their own."""
    people = len(who)
    used_up = np.flatnonzero(shop.pauses > 0)
    liking = shop.liked[used_up][:, who.group].T + 0.02
    keen = liking * random.exponential(1.0, liking.shape)
    habit = used_up[np.argsort(-keen, axis=1)[:, :_HABITS]]
    has = random.random((people, _HABITS)) < np.array([0.75, 0.5, 0.25]) * np.clip(who.pace, 0.4, 1.2)[:, None]
    person, place = np.nonzero(has)
    category = habit[person, place]
    pause = shop.pauses[category] * random.lognormal(0.0, 0.3, len(person)) / np.sqrt(who.pace[person])
    favourite = shop.of(category, random.random(len(person)))
    most = int(calendar.days / max(float(pause.min()), 3.0)) + 2 if len(pause) else 1
    steps = random.normal(1.0, _SPREAD, (len(person), most)) * pause[:, None]
    steps[:, 0] *= random.random(len(person))
    day = who.joined[person][:, None] + np.cumsum(np.maximum(steps, 1.0), axis=1)
    pair, turn = np.nonzero(day < who.left[person][:, None])
    other = shop.of(category[pair], random.random(len(pair)))
    article = np.where(random.random(len(pair)) < 0.7, favourite[pair], other)
    return person[pair], article, day[pair, turn].astype(np.int64)


def _gear(
    random: np.random.Generator, who: Crowd, shop: ShopCatalogue, calendar: Calendar
) -> tuple[Integers, Integers, Integers]:
    """Gear, bought now and then by taste, each category hardly twice."""
    lasting = np.flatnonzero(shop.pauses == 0)
    chance = (shop.liked[lasting][:, who.group].T * 0.5 + 0.01) * np.clip(who.pace, 0.3, 2.0)[:, None]
    span = (who.left - who.joined) / calendar.days
    person, place = np.nonzero(random.random(chance.shape) < chance * span[:, None])
    day = who.joined[person] + random.random(len(person)) * (who.left - who.joined)[person]
    return person, shop.of(lasting[place], random.random(len(person))), day.astype(np.int64)


def _towards_saturday(
    random: np.random.Generator, calendar: Calendar, who: Crowd, person: Integers, day: Integers
) -> Integers:
    """Move half of the days to the nearest Saturday, as far as the person is about then."""
    off = (_SATURDAY - calendar.weekday(day) + 3) % 7 - 3
    moved = np.clip(day + off, who.joined[person], np.maximum(who.left[person] - 1, who.joined[person]))
    return np.asarray(np.where(random.random(len(day)) < 0.5, moved, day), np.int64)


def _returned(random: np.random.Generator, shop: ShopCatalogue, lines: Lines, calendar: Calendar) -> Integers:
    goes_back = shop.lasting[lines.article] & (random.random(len(lines)) < 0.08) & (lines.day < calendar.days - 20)
    return np.flatnonzero(goes_back)


def _money(amounts: Floats) -> list[str]:
    return [f"{amount:.2f}".replace(".", ",") for amount in amounts.tolist()]
