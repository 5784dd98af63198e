"""Tiers: what puts the articles with all the words of a short query first is no part of a score.

In: an engine's scores and explanations, and what was added in the first tier. Out: the shown ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from searchsvc.engines.explanation import SignalKind
from searchsvc.query.tree import Ranked

if TYPE_CHECKING:
    from searchsvc.engines.explanation import Gain
    from searchsvc.engines.protocol import Hit
    from searchsvc.query.tree import Node


def preferring(node: Node, preferred: tuple[Node, ...]) -> Node:
    """Rank by more, and add the tier last: every sum above it is rounded to .00006."""
    if isinstance(node, Ranked):
        return Ranked(node.must, (*preferred, *node.should))
    return Ranked(node, preferred)


def untiered(hit: Hit, tier: float) -> Hit:
    """Take off what was added to the score of an article with all the words.

    Off its explanation too: what all the words gave together is an order, no score.
    """
    explanation = hit.explanation
    if explanation is not None:
        gains = tuple([_shown(gain, tier) for gain in explanation.gains])
        explanation = replace(explanation, gains=gains)
    score = hit.score - tier if hit.score >= tier else hit.score
    return hit._replace(score=score, explanation=explanation)


def _shown(gain: Gain, tier: float) -> Gain:
    first = gain.signal is SignalKind.TOGETHER and gain.gave == tier
    return replace(gain, gave=0.0) if first else gain
