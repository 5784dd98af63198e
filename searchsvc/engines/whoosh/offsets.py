"""Character offsets of an article's tokens: read again from its texts when a hit is shown.

In: an article. Out: arrays by token, the title's before the body's. Reading ten articles again
takes less than keeping the offsets of all of them: 9.5 MB of 57,000 articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article

    Offsets = NDArray[np.int32]


def token_offsets(article: Article, analyzer: Analyzer) -> tuple[Offsets, Offsets]:
    """Give ``starts`` and ``ends`` of every token in code points, as the digest reads them.

    The title's are counted from the title's beginning, the body's from the body's; a made title
    has none of its own: its words are the body's.
    """
    texts = (article.text,) if article.title_made else (article.title, article.text)
    starts, ends = zip(*map(analyzer.offsets, texts), strict=True)
    return np.concatenate(starts), np.concatenate(ends)
