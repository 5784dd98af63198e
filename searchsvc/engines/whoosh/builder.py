"""The builder: digests in, the next generation out, durable and checked before it is current.

In: prepared articles and ids to delete. Out: a sealed generation and the switch to it. A build
from nothing starts empty; an update starts from hard links to the current segments, which never
change: deletions are in the table of contents.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.generations import Generations
from searchsvc.engines.protocol import Identity
from searchsvc.engines.whoosh import lemma_table, merging
from searchsvc.engines.whoosh.digest import Digests, Preparer
from searchsvc.engines.whoosh.gathering import Vocabularies
from searchsvc.engines.whoosh.reader import ENGINE, WhooshEngine
from searchsvc.engines.whoosh.segment import Segment
from searchsvc.engines.whoosh.segment_writer import SegmentBuffer
from searchsvc.engines.whoosh.toc import new_entry, read_toc, write_toc
from searchsvc.errors import BuildRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from searchsvc.engines.whoosh.codec import ArraySegment
    from searchsvc.engines.whoosh.digest import Digest
    from searchsvc.engines.whoosh.lemma_table import Learnt

FLUSH_TOKENS = 10_000_000
"""A segment is written when this many tokens wait: about 250 MB with its inversion.

Articles are weighed in tokens too, so that very short ones do not fill the memory.
46,695 articles by two processes took 913 MiB in all at most; with twice the tokens 1,119 MiB.
"""

STAMPS = "origins.json"

SHRINK = 0.5
"""A build with under this part of the current articles is refused unless allowed."""

COMPARED = 1 << 28
"""Bytes of linked segments that an update compares with their checksums: 54 ms once they were read.

The 1.8 GB of a million articles would take .4 s; ``searchsvc check`` compares them.
"""


class WhooshBuilder:
    """Writes the next generation under an index folder; only one may run at a time."""

    def __init__(self, root: Path, *, update: bool = False, allow_shrink: bool = False) -> None:
        self._generations = Generations(root)
        self._analyzer = Analyzer()
        self._allow_shrink = allow_shrink
        self._entries: list[ArraySegment] = []
        self._segments: list[Segment] = []
        self._linked: set[str] = set()
        self._written: dict[str, str] = {}
        """SHA-256 of the segments that were written, by name."""
        self._committed = False
        self._fresh = True
        self._lemmas = lemma_table.table_of(root, self._analyzer, update=update)
        self._vocabularies = Vocabularies(self._lemmas.forms)
        self._new_buffer()
        with ExitStack() as stack:
            stack.enter_context(self._generations.locked())
            self._former = self._generations.former()
            self._number = self._generations.begin()
            self._folder = self._generations.folder(self._number)
            stack.callback(self._discard_unless_committed)
            if update and self._generations.exists():
                self._link_former(self._generations.current())
                self._fresh = False
            self._stack = stack.pop_all()

    def preparer(self) -> Preparer:
        """Give what makes articles ready; worker processes may run it."""
        seeds = self._lemmas.known()
        if not seeds:
            self._analyzer.load()
        return Preparer(self._analyzer, self._generations.forget_lock, seeds)

    def add(self, prepared: Digest) -> None:
        """Add an article in place of any with its id."""
        # Articles after the first of a batch have no words of their own: they stay together.
        if prepared.words is not None and self._weight() >= FLUSH_TOKENS:
            self._flush()
        self._delete(prepared.id)
        self._waiting[prepared.id] = self._buffer.add(prepared)

    def add_new(self, prepared: Sequence[Digest]) -> bool:
        """Add articles made ready together; nothing is added where an id of them is known."""
        if not isinstance(prepared, Digests) or not self._are_new(prepared.ids):
            return False
        if self._weight() >= FLUSH_TOKENS:
            self._flush()
        self._waiting.update(zip(prepared.ids, self._buffer.extend(prepared), strict=True))
        return True

    def errands(self, parts: int, *, last: bool = False) -> list[Callable[[], Learnt]]:
        """Give work on new forms that other processes may do; what it gives goes to ``done``."""
        return self._lemmas.errands(parts, last=last)

    def done(self, result: Learnt) -> None:
        """Take the lemmas that an errand gave."""
        self._lemmas.learn(result)

    def delete(self, ids: Iterable[str]) -> int:
        """Delete by id; returns how many were there."""
        return sum(self._delete(article_id) for article_id in ids)

    def identity_of(self, article_id: str) -> Identity | None:
        """Tell what article has an id, None where there is none."""
        if article_id in self._waiting:
            return self._buffer.digest_of(self._waiting[article_id]).identity
        for segment in self._segments:
            doc = segment.find(article_id)
            if doc >= 0:
                article = segment.article(doc)
                return Identity(article.url, article.title, article.origin)
        return None

    def ids_from(self, origin: str) -> frozenset[str]:
        """Give the ids of the living articles read from a file."""
        docs = set(self._buffer.docs_from(origin))
        waiting = {article_id for article_id, doc in self._waiting.items() if doc in docs}
        return frozenset(waiting).union(
            segment.id_of(int(doc))
            for segment in self._segments
            for doc in segment.ordinals["origin"].docs_with(origin)
            if not segment.deleted[doc]
        )

    def stamps(self) -> dict[str, str]:
        """Give what was noted of each input file when the current generation was built."""
        if self._former is None:
            return {}
        path = self._generations.folder(self._former) / STAMPS
        if not path.exists():
            return {}
        stamps: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return stamps

    def stamp(self, stamps: Mapping[str, str]) -> None:
        """Note what input files the next generation is built of."""
        text = json.dumps(dict(sorted(stamps.items())), ensure_ascii=False, indent=0)
        (self._folder / STAMPS).write_text(text, encoding="utf-8")

    def count(self) -> int:
        """Count the articles the generation will hold."""
        kept = sum(int((~segment.deleted).sum()) for segment in self._segments)
        return kept + len(self._waiting)

    def former_count(self) -> int:
        """Count the articles of the current generation, 0 where there is none."""
        return 0 if self._former is None else self._generations.manifest(self._former).articles

    def commit(self) -> int:
        """Make it durable, check it with real queries, switch; raises BuildRefused."""
        self._refuse_shrinking()
        self._flush()
        self._lemmas.save()
        # Of a million articles they take a gigabyte, and merging half of one.
        del self._buffer, self._lemmas, self._vocabularies
        self._merge()
        write_toc(self._folder, self._entries)
        self._generations.seal(
            self._number,
            engine=ENGINE,
            analysis=self._analyzer.fingerprint,
            articles=self.count(),
            written=self._written,
        )
        self._check()
        self._generations.switch(self._number)
        self._committed = True
        self._stack.close()
        return self._number

    def stay(self) -> int:
        """Leave no trace but the current generation; returns its number, raises IndexMissing."""
        number = self._generations.current()  # before another build may switch
        self.abort()
        return number

    def abort(self) -> None:
        """Leave no trace."""
        self._stack.close()

    def _discard_unless_committed(self) -> None:
        if not self._committed:
            self._generations.discard(self._number)

    def _refuse_shrinking(self) -> None:
        now, before = self.count(), self.former_count()
        if now == 0:
            stays = f"the current index ({before}) stays"
            if self._former is None:
                stays = "there is no index yet"
            raise BuildRefused(f"no article was kept: see that the paths hold some; {stays}")
        if now < before * SHRINK and not self._allow_shrink:
            articles = "article" if now == 1 else "articles"
            message = f"only {now} {articles} where the current index has {before}; it stays"
            raise BuildRefused(f"{message}. Give --allow-shrink if that is meant")

    def _delete(self, article_id: str) -> bool:
        if article_id in self._waiting:
            self._gone.append(self._waiting.pop(article_id))
            return True
        for segment, entry in zip(self._segments, self._entries, strict=True):
            doc = segment.find(article_id)
            if doc >= 0:
                segment.delete(doc)
                entry.delete_document(doc)
                return True
        return False

    def _are_new(self, ids: Sequence[str]) -> bool:
        """Tell that ids are not known, and each comes once."""
        if len({*ids}) < len(ids) or not self._waiting.keys().isdisjoint(ids):
            return False
        return not any(segment.find(own) >= 0 for segment in self._segments for own in ids)

    def _weight(self) -> int:
        return merging.weight(len(self._buffer), self._buffer.tokens)

    def _new_buffer(self) -> None:
        self._buffer = SegmentBuffer(self._analyzer, self._vocabularies, self._lemmas)
        self._waiting: dict[str, int] = {}
        self._gone: list[int] = []

    def _flush(self) -> None:
        if not len(self._buffer):
            return
        entry = new_entry()
        path = entry.path(self._folder)
        dictionary = next((own for part in self._segments if (own := part.store.dictionary)), b"")
        self._written[path.name] = self._buffer.write(path, dictionary)
        entry.set_doc_count(len(self._buffer))
        for doc in self._gone:
            entry.delete_document(doc)
        self._adopt(entry)
        self._new_buffer()

    def _adopt(self, entry: ArraySegment) -> None:
        self._segments.append(Segment(entry.path(self._folder), entry.deleted_docs()))
        self._entries.append(entry)

    def _merge(self) -> None:
        self._remove([n for n, segment in enumerate(self._segments) if segment.deleted.all()])
        chosen = merging.to_merge(self._segments, fresh=self._fresh)
        if not chosen:
            return
        entry = new_entry()
        parts = [self._segments[number] for number in chosen]
        self._verify([part for part in parts if part.file.path.name in self._linked])
        path = entry.path(self._folder)
        merged = merging.merge(parts, path)
        self._written[path.name] = merged.digest
        entry.set_doc_count(merged.documents)
        self._remove(chosen)
        self._adopt(entry)

    def _remove(self, chosen: Sequence[int]) -> None:
        for number in sorted(chosen, reverse=True):
            self._entries[number].path(self._folder).unlink()
            del self._entries[number], self._segments[number]

    def _link_former(self, former: int) -> None:
        folder = self._generations.folder(former)
        self._generations.usable(former, engine=ENGINE, analysis=self._analyzer.fingerprint)
        for entry in read_toc(folder):
            os.link(entry.path(folder), entry.path(self._folder))
            self._linked.add(entry.path(folder).name)
            self._adopt(entry)
        if sum(segment.file.path.stat().st_size for segment in self._segments) <= COMPARED:
            self._verify(self._segments)

    def _verify(self, segments: Sequence[Segment]) -> None:
        """Compare linked segments with their checksums: merged, damage would look right."""
        for segment in segments:
            segment.file.verify()
            segment.file.release()

    def _check(self) -> None:
        engine = WhooshEngine.open(self._generations.root, self._number)
        try:
            if engine.stats().articles != self.count():
                raise BuildRefused("the new generation lost articles; the current index stays")
            engine.check(samples=20, known=self._linked)
        finally:
            engine.close()
