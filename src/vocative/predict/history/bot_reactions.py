"""Opens and clicks by machines: mail programs that load every picture, scanners that follow every link.

Nobody tells them apart for certain. What the mail program marked belongs under an event name without a role in
`[events]`. Of the rest three signs are taken: an answer within seconds of the hand-over, for people have to find a
message first; clicks in a burst, for nobody follows three links at once; and whatever stands beside such a burst.
"""

from __future__ import annotations

import numpy as np

from vocative.predict.history.event_history import Flags, Integers

SECOND_US = 1_000_000
AT_ONCE_US = 20 * SECOND_US
"""An open or a click sooner than this after the hand-over is a machine's, in µs."""
BURST, BURST_US = 3, 5 * SECOND_US
"""So many clicks on one message within this time (µs) are a machine's."""
_SPAN = 2**39
"""More µs than there are between a message and its last answer."""


def by_machine(message: Integers, after: Integers, click: Flags) -> Flags:
    """Whether each open or click is a machine's.

    Args:
        message: Which message each belongs to, numbers from 0.
        after: How long after the hand-over it came, µs, less than six days.
        click: Whether it is a click.

    >>> after = np.array([4, 90, 300, 301, 302, 303, 9000]) * SECOND_US
    >>> click = np.array([False, False, False, True, True, True, True])
    >>> by_machine(np.zeros(7, np.int64), after, click).tolist()
    [True, False, True, True, True, True, False]
    """
    found: Flags = after < AT_ONCE_US
    at = message * _SPAN + after
    clicks = np.sort(at[click])
    first, last = clicks[: max(len(clicks) - BURST + 1, 0)], clicks[BURST - 1 :]
    near = last - first < BURST_US
    starts, ends = first[near], last[near]
    if not len(starts):
        return found
    # Bursts stand in their order, so only the last that begins before an answer and the first after it can be near.
    place = np.searchsorted(starts, at, side="right")
    for one in (np.maximum(place - 1, 0), np.minimum(place, len(starts) - 1)):
        found |= (at >= starts[one] - BURST_US) & (at <= ends[one] + BURST_US)
    return found
