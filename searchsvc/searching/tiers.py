"""Tiers: what puts the articles with all the words of a short query first is no part of a score.

In: an engine's scores and explanations, and what was added in the first tier. Out: the shown ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from searchsvc.engines.explanation import SignalKind
from searchsvc.query.tree import Ranked

if TYPE_CHECKING:
    from searchsvc.engines.explanation import Explanation, Gain
    from searchsvc.query.tree import Node


def preferring(node: Node, preferred: tuple[Node, ...]) -> Node:
    """Rank by more, and add the tier last: every sum above it is rounded to .00006."""
    if isinstance(node, Ranked):
        return Ranked(node.must, (*preferred, *node.should))
    return Ranked(node, preferred)


def shown_score(score: float, tier: float) -> float:
    """Take off what was added to the score of an article with all the words."""
    return score - tier if score >= tier else score


def shown_explanation(explanation: Explanation | None, tier: float) -> Explanation | None:
    """Take it off the explanation too: what all the words gave together is an order, no score."""
    if explanation is None:
        return None
    return replace(explanation, gains=tuple(_shown(gain, tier) for gain in explanation.gains))


def _shown(gain: Gain, tier: float) -> Gain:
    first = gain.signal is SignalKind.TOGETHER and gain.gave == tier
    return replace(gain, gave=0.0) if first else gain
