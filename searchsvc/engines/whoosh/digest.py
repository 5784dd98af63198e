"""An article made ready for the index: packed, tokenised, its facts as numbers.

In: an article and the analyzer. Out: a compact value that crosses from a worker process to the
builder; it does not depend on the article's final id.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.engines.protocol import Identity
from searchsvc.engines.whoosh.layout import UNDATED
from searchsvc.engines.whoosh.stored import pack_article
from searchsvc.schema import POSITION_GAP

if TYPE_CHECKING:
    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article, ArticleDate

EPOCH = datetime(1970, 1, 1)


class Digest(NamedTuple):
    """What the builder needs of one article.

    ``forms`` are the folded surface forms of title and body joined by line feeds; ``compounds``
    are (position, whole form); the first ``title_tokens`` positions are the title; the body's
    begin at ``body_start``. Days and minutes count from 1970 in Moscow time.
    """

    id: str
    identity: Identity
    article: bytes
    forms: str
    compounds: tuple[tuple[int, str], ...]
    tokens: int
    title_tokens: int
    body_start: int
    first_day: int
    last_day: int
    minute: int
    source: str
    topics: tuple[str, ...]
    authors: tuple[str, ...]
    origin: str

    def renamed(self, article_id: str) -> Digest:
        """Give the same article another id."""
        return self._replace(id=article_id)


def digest(article: Article, analyzer: Analyzer) -> Digest:
    """Analyse and pack one article."""
    title = analyzer.analyse(article.title)
    body = analyzer.analyse(article.text)
    title_tokens = len(title.forms)
    if article.title_made:
        body_start, head = 0, body
    else:
        body_start = title_tokens + POSITION_GAP if title_tokens else 0
        head = title
    apart = head is title
    forms = title.forms + body.forms if apart else body.forms
    compounds = [(position + body_start, form) for position, form in body.compounds]
    first_day, last_day, minute = date_columns(article.date)
    return Digest(
        id=article.id,
        identity=Identity(article.url, article.title, article.origin),
        article=pack_article(article),
        forms="\n".join(forms),
        compounds=tuple((title.compounds if apart else []) + compounds),
        tokens=len(forms),
        title_tokens=title_tokens,
        body_start=body_start,
        first_day=first_day,
        last_day=last_day,
        minute=minute,
        source=article.source,
        topics=tuple(dict.fromkeys(article.topics)),
        authors=tuple(dict.fromkeys(article.authors)),
        origin=article.origin,
    )


def date_columns(date: ArticleDate | None) -> tuple[int, int, int]:
    """Give the first day, the last day and the first minute of a date's span since 1970."""
    if date is None:
        return UNDATED, UNDATED, UNDATED
    first = (date.first_day - EPOCH.date()).days
    last = (date.last_day - EPOCH.date()).days
    return first, last, int((date.start - EPOCH).total_seconds() // 60)
