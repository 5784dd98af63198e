"""Compares how a dump was split with how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dump_making import Dump

    from searchsvc.model import Article, Parsed


class Score(NamedTuple):
    """Counts over dumps.

    A boundary is the last line of the page's own article, or the first line of a further story
    (its title line where it has one, else its first paragraph). It is right if the splitter has
    the very same line there, above a story that holds the same first paragraph.
    """

    right: int = 0
    made: int = 0
    found: int = 0
    titles: int = 0
    titles_right: int = 0
    lost: int = 0
    """Paragraphs that stand in no article, or in another story's."""
    paragraphs: int = 0

    def __add__(self, other: object) -> Score:
        assert isinstance(other, Score)
        return Score(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def recall(self) -> float:
        return self.right / self.made

    @property
    def precision(self) -> float:
        return self.right / self.found

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.made + self.found)


def lines_of(article: Article) -> list[str]:
    """Return an article's lines as they stood in the dump, its title first if it had a line."""
    return [*([] if article.title_made else [article.title]), *article.text.split("\n\n")]


def score(dump: Dump, parsed: Parsed) -> Score:
    page, *further = parsed.articles
    page_end = lines_of(page)[-1] == dump.stories[0].paragraphs[-1]
    starts = {lines_of(article)[0]: article for article in further}
    right = 0
    titles = titles_right = 0
    for story in dump.stories[1:]:
        first = story.title or story.paragraphs[0]
        found = starts.get(first)
        right += found is not None and story.paragraphs[0] in lines_of(found)[:2]
        titles += bool(story.title)
        titles_right += found is not None and bool(story.title) and found.title == story.title
    return Score(
        right=right + page_end,
        made=len(dump.stories),
        found=len(further) + 1,
        titles=titles,
        titles_right=titles_right,
        lost=_lost(dump, parsed),
        paragraphs=sum(len(story.paragraphs) for story in dump.stories),
    )


def _lost(dump: Dump, parsed: Parsed) -> int:
    """Count the paragraphs that are not in the article which holds their story's beginning."""
    holders = [set(lines_of(article)) for article in parsed.articles]
    lost = 0
    for story in dump.stories:
        first = story.paragraphs[0]
        own = next((lines for lines in holders if first in lines), set())
        lost += sum(paragraph not in own for paragraph in story.paragraphs)
    return lost
