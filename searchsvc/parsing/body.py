"""Parsing pages: a tree comes in, the text of its first article goes out."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

import trafilatura
from bs4 import Tag

from searchsvc.parsing.boilerplate import prune, sift
from searchsvc.parsing.cleaning import clean_line
from searchsvc.parsing.markup import Block, attribute, blocks, elements
from searchsvc.parsing.microdata import scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import BeautifulSoup

ENOUGH = 250
"""Characters from which a declared body is believed to be the whole body."""
MOST_CANDIDATES = 40
MOST_EXTRACTED = 15_000
"""Elements that trafilatura is given: its time grows with their square, 1 s here."""
_PARAGRAPH = 40
"""Characters from which a block counts as a paragraph of prose."""
_SHARE = 0.3
"""The first candidate with this share of the longest one's prose is the page's first story."""
_CORE = 0.75
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:article|news|post|entry|story|material|publication|single|full|main|inner|detail)"
    r"(?:[\s_-]{0,2}(?:item|detail|page|full|one|inner|news|article))?[\s_-]{0,2}"
    r"(?:body|text|content|contents|txt|description|detail)(?:$|[\s_-])|(?:^|\s)(?:text|fulltext|body)(?:$|\s)",
    re.I,
)
_LIVE = re.compile(
    r"(?:^|[\s_-])(?:live|liveblog|online|onlain|translation|chronicle|hronika)", re.I
)


def body_text(soup: BeautifulSoup, title: str, claimed: str, heading: Tag | None) -> str:
    """Return the first article's paragraphs, separated by newlines; empty where there are none.

    ``claimed`` is the body that JSON-LD gives. The tree is used up.
    """
    _drop_followers(heading)
    roots = _declared_roots(soup, heading)
    seen = _read(roots, title, heading)
    told = [it.text for it in sift((Block(it, 0, "p") for it in claimed.split("\n")), title)]
    if _length(told) >= ENOUGH and _length(told) >= 0.9 * _length(seen):
        return "\n".join(seen if _same_words(seen, told) else told)
    if _length(seen) >= ENOUGH or (roots and not _prose_elsewhere(soup, roots, seen)):
        return "\n".join(seen)
    extracted = _extracted(soup, title, heading)
    return "\n".join(max((seen, told, extracted), key=_length))


def _length(paragraphs: Iterable[str]) -> int:
    return sum(map(len, paragraphs))


def _same_words(seen: list[str], told: list[str]) -> bool:
    """Say whether two bodies are alike; the visible one has its paragraphs told apart."""
    one, other = (set(" ".join(it).split()) for it in (seen, told))
    return len(one & other) >= 0.9 * max(len(one), len(other))


def _drop_followers(heading: Tag | None) -> None:
    """Take out the stories that endless scrolling has put below: each has its own h1."""
    if heading is None or heading.name != "h1":
        return
    above = _above(heading)
    follower = next(_next_h1(heading), None)
    while follower is not None and follower.parent is not None and id(follower.parent) not in above:
        follower = follower.parent
    if follower is not None:
        for sibling in list(follower.find_next_siblings()):
            sibling.decompose()
        follower.decompose()


def _next_h1(heading: Tag) -> Iterator[Tag]:
    for node in heading.next_elements:
        if isinstance(node, Tag) and node.name == "h1" and clean_line(node.get_text()):
            yield node


def _above(heading: Tag | None) -> frozenset[int]:
    """Return the id() of the heading and of all elements around it."""
    return frozenset(map(id, (heading, *heading.parents))) if heading is not None else frozenset()


def _declared_roots(soup: BeautifulSoup, heading: Tag | None) -> list[Tag]:
    """Return the elements that the page says are the body, in reading order."""
    marked = [it for it in elements(soup) if "articleBody" in attribute(it, "itemprop").split()]
    if marked:
        return _of_one_item(_outermost(marked))
    articles = _outermost(elements(soup, "article"))
    live = _live_root(articles, heading)
    if live is not None:
        return [live]
    named = [tag for tag in elements(soup, "div", "section", "td", "main") if _is_named(tag)]
    return _first_story(articles, heading) or _first_story(named[:MOST_CANDIDATES], None)


def _of_one_item(marked: list[Tag]) -> list[Tag]:
    scope = scope_of(marked[0])
    live = scope is not None and "LiveBlog" in attribute(scope, "itemtype")
    return [tag for tag in marked if live or scope_of(tag) is scope]


def _outermost(tags: Iterable[Tag]) -> list[Tag]:
    chosen: list[Tag] = []
    inside: set[int] = set()
    for tag in tags:
        if id(tag) not in inside:
            chosen.append(tag)
            inside.update(map(id, elements(tag)))
    return chosen


def _live_root(articles: list[Tag], heading: Tag | None) -> Tag | None:
    """Return what holds the entries of a live blog: several articles below one heading."""
    if heading is None or len(articles) < 3:
        return None
    parent = articles[0].parent
    together = [it for it in articles if it.parent is parent]
    if (
        parent is None
        or len(together) < 3
        or any(True for it in together for _ in elements(it, "h1"))
    ):
        return None
    named = " ".join(
        attribute(it, "class") + " " + attribute(it, "id") for it in (parent, *together)
    )
    return parent if _LIVE.search(named) else None


def _is_named(tag: Tag) -> bool:
    return any(
        _NAMED.search(attribute(tag, it)[:200]) for it in ("class", "id") if tag.has_attr(it)
    )


def _first_story(candidates: list[Tag], heading: Tag | None) -> list[Tag]:
    """Return the candidate around the heading, else the first of those with much prose."""
    around = _above(heading)
    weights = [(_prose(tag), tag) for tag in candidates[:MOST_CANDIDATES]]
    most = max((weight for weight, _ in weights), default=0)
    for weight, tag in weights:
        if id(tag) in around and weight >= _SHARE * most:
            return [tag]
    good = [(weight, tag) for weight, tag in weights if weight and weight >= _SHARE * most]
    if not good:
        return []
    weight, chosen = good[0]
    # The innermost of nested elements with most of the prose has the least noise.
    inner = [tag for it, tag in good if it >= _CORE * weight and chosen in islice(tag.parents, 50)]
    return [inner[-1] if inner else chosen]


def _prose(tag: Tag) -> int:
    return sum(
        int(len(it.text) * (1 - it.linked)) for it in blocks(tag) if len(it.text) >= _PARAGRAPH
    )


def _read(roots: list[Tag], title: str, heading: Tag | None) -> list[str]:
    for root in roots:
        prune(root, spare=_above(heading))
    found = (block for root in roots for block in blocks(root) if block.tag != "h1")
    return [block.text for block in sift(found, title)]


def _prose_elsewhere(soup: BeautifulSoup, roots: list[Tag], seen: list[str]) -> bool:
    """Say whether paragraphs outside of the declared body have far more text than it."""
    inside = {id(it) for root in roots for it in elements(root, "p")}
    outside = sum(len(it.get_text()) for it in elements(soup, "p") if id(it) not in inside)
    return outside > max(ENOUGH, 3 * _length(seen))


def _extracted(soup: BeautifulSoup, title: str, heading: Tag | None) -> list[str]:
    """Return the body that trafilatura finds around the heading when known noise is out."""
    prune(soup, spare=_above(heading))
    root = _around_heading(soup, heading)
    own = [block.text for block in sift(blocks(root), title)]
    if len(list(islice(elements(root), MOST_EXTRACTED))) == MOST_EXTRACTED:
        return own
    text = trafilatura.extract(f"<html><body>{root}</body></html>", include_comments=False)
    shares = {it.text: it.linked for it in blocks(root)}
    lines = (clean_line(line.removeprefix("- ")) for line in (text or "").split("\n"))
    found = (Block(line, shares.get(line, 0), "p") for line in lines if line)
    extracted = [block.text for block in sift(found, title)]
    return extracted if _length(extracted) >= 0.8 * _length(own) else own


def _around_heading(soup: BeautifulSoup, heading: Tag | None) -> Tag:
    """Return the smallest element that has the heading and most of the page's prose.

    What stands before the heading in it goes out, and so does the heading.
    """
    most = _CORE * _prose(soup)
    chain = list(heading.parents) if heading is not None else []
    root = next((tag for tag in chain if most and _prose(tag) >= most), None)
    if heading is None or root is None:
        return soup
    for tag in (heading, *chain[: chain.index(root)]):
        for before in list(tag.previous_siblings):
            before.extract()
    heading.decompose()
    return root
