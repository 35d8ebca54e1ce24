"""What visitors of the generated shop look at, search for, put into the basket and on the wish list."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vocative.recipes.moments import Calendar, Flags, Floats, Integers, seconds_of_day
from vocative.recipes.people import Crowd
from vocative.recipes.shop.catalogue import ShopCatalogue
from vocative.recipes.shop.orders import Lines
from vocative.recipes.tables import write_lines

FLAWED = 2
_VISITS_A_DAY = 0.09
_LOOKS = 3.2
_SIGNED_IN = 0.85
_EVENTS = ("product_view", "search", "add_to_cart", "remove_from_cart", "wishlist_add")
_VIEW, _SEARCH, _ADD, _REMOVE, _WISH = range(len(_EVENTS))

Acts = tuple[Integers, Integers, Integers, Integers, Floats]
"""Person, moment, kind, article (-1: none) and seconds, as columns of one length."""


def write_clicks(path: Path, random: np.random.Generator, who: Crowd, shop: ShopCatalogue, lines: Lines,
                 calendar: Calendar) -> None:  # fmt: skip
    """Write what the shop's web tracking saw, as JSON lines; two of them are broken."""
    parts = [_visits(random, who, shop, calendar), _before_orders(random, lines)]
    person, at, kind, article, seconds = (np.concatenate([part[column] for part in parts]) for column in range(5))
    last = calendar.utc_start + calendar.days * 86_400
    order = np.lexsort((kind, person, at))
    order = order[(at[order] < last) & (at[order] >= calendar.utc_start)]
    person, at, kind, article, seconds = (column[order] for column in (person, at, kind, article, seconds))
    known: Flags = (random.random(len(at)) < _SIGNED_IN) | (kind >= _ADD)
    pick = random.random(len(at))
    texts = [
        _query(shop, who.language[one], chance) if search else ""
        for one, chance, search in zip(person.tolist(), pick.tolist(), (kind == _SEARCH).tolist(), strict=True)
    ]
    rows = (
        {
            "hit": f"h{number}",
            "time_ms": moment * 1000,
            "action": _EVENTS[what],
            "visitor": f"v-{who.ids[one]}",
            "account": who.ids[one] if signed else None,
            "article": shop.skus[thing] if thing >= 0 else None,
            "seconds": round(length, 1) if length > 0 else None,
            "query": text or None,
        }
        for number, (one, moment, what, thing, length, signed, text) in enumerate(
            zip(person.tolist(), at.tolist(), kind.tolist(), article.tolist(), seconds.tolist(), known.tolist(), texts,
                strict=True)
        )
    )  # fmt: skip
    write_lines(path, rows, ('{"hit": "broken', '{"hit": "x", "time_ms": 1770000000000, "visitor": "v-nobody"}'))


def _visits(random: np.random.Generator, who: Crowd, shop: ShopCatalogue, calendar: Calendar) -> Acts:
    """Visits without a purchase: looks by taste, now and then a search, a wish, something put into the basket."""
    visits = random.poisson(_VISITS_A_DAY * who.pace * (who.left - who.joined))
    person = np.repeat(np.arange(len(who)), visits)
    day = who.joined[person] + (random.random(len(person)) * (who.left - who.joined)[person]).astype(np.int64)
    start = calendar.utc(who.zone[person], day, seconds_of_day(random, who.peak[person]))
    looks = 1 + random.poisson(_LOOKS - 1.0, len(person))
    visit = np.repeat(np.arange(len(person)), looks)
    turn = np.arange(len(visit)) - np.repeat(np.cumsum(looks) - looks, looks)
    looker = person[visit]
    taste = np.cumsum(shop.liked + 0.03, axis=0)
    wanted = random.random(len(visit)) * taste[-1][who.group[looker]]
    category = (wanted[:, None] > taste.T[who.group[looker]]).sum(axis=1)
    article = shop.of(np.minimum(category, len(shop.categories) - 1), random.random(len(visit)))
    at = start[visit] + turn * 70 + random.integers(0, 30, len(visit))
    seconds = random.lognormal(3.2, 0.9, len(visit))
    views: Acts = (looker, at, np.full(len(visit), _VIEW), article, seconds)
    extra = [views]
    for kind, share, delay in ((_WISH, 0.03, 20), (_ADD, 0.05, 25), (_REMOVE, 0.03, 60), (_SEARCH, 0.12, -15)):
        rows = np.flatnonzero(random.random(len(visit)) < share)
        thing = np.full(len(rows), -1) if kind == _SEARCH else article[rows]
        extra.append((looker[rows], at[rows] + delay, np.full(len(rows), kind), thing, np.zeros(len(rows))))
    return _joined(extra)


def _before_orders(random: np.random.Generator, lines: Lines) -> Acts:
    """Whoever orders has looked at it before and put it into the basket."""
    looks = 1 + random.binomial(2, 0.4, len(lines))
    rows = np.repeat(np.arange(len(lines)), looks)
    before = random.integers(120, 2_400, len(rows))
    views: Acts = (lines.who[rows], lines.at[rows] - before, np.full(len(rows), _VIEW), lines.article[rows],
                   random.lognormal(3.6, 0.8, len(rows)))  # fmt: skip
    adds: Acts = (lines.who, lines.at - 60, np.full(len(lines), _ADD), lines.article, np.zeros(len(lines)))
    return _joined([views, adds])


def _joined(parts: list[Acts]) -> Acts:
    who, at, kind, article = (np.concatenate([part[place] for part in parts]).astype(np.int64) for place in range(4))
    return who, at, kind, article, np.concatenate([part[4] for part in parts])


def _query(shop: ShopCatalogue, language: str, chance: float) -> str:
    words = shop.searches[language]
    return words[int(chance * len(words))]
