"""Reads the articles that dumps are made of out of an archive of simplified pages."""

from __future__ import annotations

import hashlib
import tarfile
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from dump_making import Source, usable

from searchsvc.model import MOSCOW
from searchsvc.parsing.cleaning import clean_line
from searchsvc.parsing.language import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STOPS = (".", "!", "?", "…", "»", '"', ")")


def kept_for_proof(name: str) -> bool:
    """Two thirds of the pages; the weights of the splitter were fitted to the other third."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 3 != 0


def read_sources(archive: Path) -> list[tuple[str, Source]]:
    """Return the Russian articles of four paragraphs or more, by page name.

    What a site repeats from page to page is no part of its articles, nor are the last lines
    without a full stop: credits, hashtags, headings of what was below.
    """
    pages = sorted(_pages(archive), key=lambda page: page[0])
    repeated = Counter(text for _, source in pages for text in set(source.paragraphs))
    found = []
    for name, source in pages:
        texts = [it for it in source.paragraphs if repeated[it] == 1 and usable(it)]
        while texts and not texts[-1].endswith(_STOPS):
            texts.pop()
        long_enough = len(texts) >= 4 and sum(map(len, texts)) >= 700 and len(texts[0]) >= 60
        if long_enough and language_of(" ".join(texts)) == "ru":
            found.append((name, Source(source.site, source.title, source.date, tuple(texts))))
    return found


def _pages(archive: Path) -> Iterator[tuple[str, Source]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            source = _source(file.read()) if file else None
            if source:
                yield member.name, source


def _source(html: bytes) -> Source | None:
    tree = BeautifulSoup(html, "lxml")
    site, date = (_meta(tree, it) for it in ("og:site_name", "article:published_time"))
    title, article = tree.find("h1"), tree.find("article")
    if not (site and date and title and article):
        return None
    elements = article.find_all(["p", "h3", "h4", "blockquote"])
    texts = [clean_line(it.get_text()) for it in elements if not it.find_parent("blockquote")]
    moment = datetime.fromisoformat(date).astimezone(MOSCOW).replace(tzinfo=None)
    return Source(
        clean_line(site), clean_line(title.get_text()), moment, tuple(filter(None, texts))
    )


def _meta(tree: BeautifulSoup, name: str) -> str:
    tag = tree.find("meta", property=name)
    return str(tag.get("content", "")) if tag else ""
