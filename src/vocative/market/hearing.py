"""A day of messages: who looks, clicks, answers, leaves or complains, and what it changes in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vocative.market.draws import Draws, again
from vocative.market.messages import ASK, THANKS, MarketMessages
from vocative.market.nature import (
    COMPLAINT_COST,
    COMPLAINT_HURT,
    COST,
    COUPON_DAYS,
    GOODWILL_MOST,
    THANKS_GOODWILL,
    Flags,
)
from vocative.market.people import NEVER, NO, YES, People
from vocative.market.reacting import reaction
from vocative.market.state import MarketState

_CLICKS = 0.3
_REFUSES = 0.85
_LEFT_HURT = 0.03


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of each message of a day."""

    sent: MarketMessages
    looked: Flags
    clicked: Flags
    left: Flags
    complained: Flags
    agreed: Flags
    refused: Flags


def hear(people: People, state: MarketState, sent: MarketMessages, draws: Draws) -> Iterator[Heard]:
    """Let everybody hear the messages of one day, one per person at a time, and change the state by them."""
    turn = 0
    while len(sent):
        first = np.zeros(len(sent), np.bool_)
        first[np.unique(sent.who, return_index=True)[1]] = True
        yield _hear(people, state, sent.take(first), draws, turn)
        sent, turn = sent.take(~first), turn + 1


def _hear(people: People, state: MarketState, sent: MarketMessages, draws: Draws, turn: int) -> Heard:
    does, who = reaction(people, state, sent), sent.who

    def lots(of: np.typing.NDArray[np.float32]) -> np.typing.NDArray[np.float32]:
        return again(of[who], turn)

    looked = lots(draws.looks) < does.looks
    answers = lots(draws.answers)
    state.boost[who] += does.effect * looked
    state.fatigue[who] += does.fatigue
    woken = looked & ~state.active[who] & (lots(draws.clicks) < does.wakes)
    state.active[who[woken]] = True
    _keep_in_mind(state, sent, looked)
    asked = looked & (sent.about == ASK) & (state.personalization[who] == NEVER)
    agreed, refused = asked & (answers < people.agrees[who]), asked & (answers > _REFUSES)
    state.personalization[who[agreed]] = YES
    state.personalization[who[refused]] = NO
    complained = lots(draws.complains) < does.complains
    left = (lots(draws.leaves) < does.leaves) | complained
    thanked = np.where(looked & (sent.about == THANKS), np.float32(THANKS_GOODWILL), np.float32(0))
    goodwill = np.minimum(state.goodwill[who] - does.wears + thanked, GOODWILL_MOST)
    goodwill *= np.where(complained, 1 - COMPLAINT_HURT, np.where(left, 1 - _LEFT_HURT, 1.0)).astype(np.float32)
    state.goodwill[who] = goodwill
    state.marketing[who[left], sent.channel[left]] = NO
    state.marketing[who[complained]] = NO
    state.opted_out[who[left]] = True
    state.profit[who] -= COST[sent.channel] + COMPLAINT_COST * complained
    state.contacts[who] += 1
    clicked = looked & (lots(draws.clicks) < _CLICKS * np.clip(0.6 + does.effect, 0.2, 2.0))
    return Heard(sent, looked, clicked, left, complained, agreed, refused)


def _keep_in_mind(state: MarketState, sent: MarketMessages, looked: Flags) -> None:
    """Who looked knows of the coupon and of what the message spoke of; the larger of two coupons is used."""
    who = sent.who[looked]
    held = np.where(state.coupon_until[who] >= sent.day[looked], state.coupon[who], np.float32(0))
    better = sent.discount[looked] > held
    state.coupon[who[better]] = sent.discount[looked][better]
    state.coupon_until[who[better]] = sent.day[looked][better] + COUPON_DAYS
    state.promoted[who] = sent.category[looked]
    state.heard[who] = sent.day[looked]
