"""The order of hits: the first of many by score or by date, from a place on.

Every order is an ascending (key, number): minus the score, minus the minute, or the minute, with
undated articles at infinity; the number is the article's in the generation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from searchsvc.engines.protocol import Sort

if TYPE_CHECKING:
    from searchsvc.engines.protocol import SearchRequest

Place = tuple[int, float, int]
"""An order, and the key and number of what the wanted hits come after."""

ANYWHERE = (-math.inf, -1)
"""What everything comes after."""

ORDERS = {Sort.RELEVANCE: 0, Sort.DATE: -1, Sort.DATE_ASC: 1}
"""Orders as the kernel takes them: 0 by score, 1 and -1 by the minute."""

RELEVANCE = Sort.RELEVANCE
"""An enum's members take 0.1 µs to reach, and to look up."""


TOP: Place = (0, *ANYWHERE)
"""Where the best hits by score begin, which nearly all requests are for."""


def place_of(request: SearchRequest) -> Place:
    """Tell where a request's hits begin."""
    after = request.after
    key, number = ANYWHERE if after is None else (after.key, after.number)
    return ORDERS[request.sort], key, number
