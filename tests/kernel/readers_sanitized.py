"""The compiled readers of lines and of what a hit shows, built with sanitizers, and calls of them.

``python tests/kernel/readers_sanitized.py --cases 100000`` (``make sanitize``) builds `_stored.c`,
`_locating.c`, `_inversion.c`, `_numbering.c`, `_lines.c`, `_plain.c`, the scanner, `_lexicon.c`
and the highlighter aside, starts itself anew, once for each processor, with the sanitizer loaded,
and reads articles, places, texts, lines, occurrences and dictionaries, most of them damaged. A
finding ends a process with status 99, an answer other than that of Python with an error.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import sysconfig
import tempfile
from array import array
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import hit_calls
import inversion_calls
import lexicon_calls
import line_calls
import numbering_calls
import sanitized
import zstandard

from searchsvc.engines.protocol import Match, Zone
from searchsvc.engines.whoosh import stored
from searchsvc.engines.whoosh.packing_articles import pack_article
from searchsvc.highlighting import fragments, portable_fragments, sentences
from searchsvc.model import Article, ArticleDate, Precision

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2] / "searchsvc"
SOURCES = {
    "_stored": [ROOT / "engines" / "whoosh" / "_stored.c"],
    "_locating": [ROOT / "engines" / "whoosh" / "_locating.c"],
    "_inversion": [ROOT / "engines" / "whoosh" / "_inversion.c"],
    "_numbering": [ROOT / "engines" / "whoosh" / "_numbering.c"],
    "_highlighting": sorted((ROOT / "highlighting").glob("_*.c")),
    "_lines": [ROOT / "parsing" / "_lines.c"],
    "_plain": [ROOT / "parsing" / "_plain.c"],
    "_lexicon": sorted((ROOT / "analysis").glob("_le*.c")),
    "_scanner": [
        ROOT / "analysis" / f"_{part}.c" for part in ("pieces", "places", "scanner", "vocabulary")
    ],
    "_hits": [ROOT / "web" / "_hits.c"],
}

ARTICLE = Article(
    id="а",
    title='Мэр «Катуни» и "Обь"',
    text="Мост на ул. Ленина\nзакрыт… А. С. Зорин: «Когда?»\t5,5 млн. руб. \\ и т. д. Всё!",
    url="https://example.org/1",
    source="Пример",
    topics=("Город", "Мосты"),
    date=ArticleDate(datetime(2021, 2, 1, 10, 50), Precision.MINUTE),
    title_made=True,
)
SCRAPS = ['"', "\\", "\\u0430", "{", "}", "[", "]", ", ", ": ", "true", "null", "date", "id", "\n"]
SCRAPS += [". ", "!", "…", "»", "«", " ", "\u2028", "№", "語", "\x00", "ул", "т. д", "А", "а", ""]


def build(name: str, folder: Path) -> Path:
    """Compile a reader with sanitizers; give the library's path."""
    built = folder / f"{name}.so"
    include = f"-I{sysconfig.get_path('include')}"
    code = map(str, SOURCES[name])
    command = [sanitized.compiler(), *sanitized.FLAGS, include, *code, "-o", str(built)]
    subprocess.run(command, check=True, capture_output=True)
    return built


def load(name: str, folder: Path) -> ModuleType:
    """Load a reader from where it was built."""
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.so")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_articles(module: ModuleType, cases: int, chance: Random) -> int:
    """Read damaged articles; give how many were articles still."""
    stored.compiled = module
    reader = stored._reader()
    assert reader is not None
    odd = replace(ARTICLE, title="語 😀")
    whole, escaped = map(pack_article, (ARTICLE, odd))
    wide = pack_article(replace(odd, text="語" * len(ARTICLE.text)))
    read = 0
    for _ in range(cases):
        packed = damaged(
            chance.choice((whole, escaped, wide)),
            [scrap.encode("cp1251", "ignore") for scrap in SCRAPS],
            chance,
        )
        try:
            article = reader.article(packed, "а")
        except ValueError:
            continue
        if article is not None:
            assert article == stored.unpack_portably(packed, "а"), packed
            read += 1
    others = [damaged(wide, [b'"', b"\xe0"], chance) for _ in range(4)]
    unpack_blocks(reader, [whole, *others], cases, chance)
    return read


def unpack_blocks(reader: Any, packed: list[bytes], cases: int, chance: Random) -> None:
    """Unpack damaged blocks that stand where damaged starts say."""
    frames = stored.compress(packed, b"")
    decompress = zstandard.ZstdDecompressor().decompress
    for _ in range(cases):
        some = [damaged(frame, [b"", b"\xe0", b"\0" * 9], chance) for frame in frames]
        starts = [*accumulate(map(len, some), initial=0)]
        starts[chance.randrange(6)] += chance.choice((0, 0, 0, 1, -1, 1 << 31))
        blocks, first = memoryview(b"".join(some)), array("q", starts)
        try:
            found = reader.unpacked(blocks, first, tuple(range(6)), ("а",) * 6, decompress)
        except (zstandard.ZstdError, ValueError):
            continue
        assert found[5] is None


def read_sentences(module: ModuleType, cases: int, chance: Random) -> int:
    """Read stretches of damaged texts; give how many sentences there were."""
    take_highlighter(module)
    found = 0
    for _ in range(cases):
        text = damaged(ARTICLE.text, SCRAPS, chance)
        start, end = sorted(chance.randint(0, len(text)) for _ in range(2))
        read = sentences.sentences(text, start, end)
        assert read == sentences.read_portably(text, start, end), (text, start, end)
        found += len(read)
    return found


def choose_fragments(module: ModuleType, cases: int, chance: Random) -> int:
    """Choose fragments of damaged texts; give how many there were."""
    take_highlighter(module)
    found = 0
    for _ in range(cases):
        text = damaged(ARTICLE.text * chance.choice((1, 1, 2, 5)), SCRAPS, chance)
        matches = [a_match(text, chance) for _ in range(chance.choice((0, 1, 3, 9, 250)))]
        limit, length = chance.randint(0, 4), chance.choice((0, 1, 9, 40, 240))
        read = fragments.snippets(text, matches, limit=limit, length=length)
        case = (text, matches, limit, length)
        assert read == portable_fragments.snippets(text, matches, limit, length), case
        assert fragments.mark(text, matches) == fragments.mark_portably(text, matches), case
        show_rows(text, matches, chance)
        found += len(read)
    return found


def show_rows(text: str, matches: list[Match], chance: Random) -> None:
    """Show hits with places, whole and cut off."""
    places = fragments.packed(matches) or chance.randbytes(40)
    for row in ((text[:50], text, places), (text, text, places[: chance.randrange(90)])):
        try:
            ((title, _),) = fragments.highlighted([row], chance.choice((0, 1, 99)))
        except ValueError:
            continue
        assert title.text == row[0]


def a_match(text: str, chance: Random) -> Match:
    """Make a match that may lie outside the text."""
    start = chance.randint(-1, len(text) + 1)
    end = start + chance.choice((0, 1, 2, 5, 12, len(text), 1 << 70))
    return Match(Zone.TEXT, 0, start, end, chance.choice((0, 1, 2, 63, 64)))


def take_highlighter(module: ModuleType) -> None:
    """Let texts be read by what was built."""
    sentences.compiled = module
    sentences.reader.cache_clear()


def damaged(whole: bytes | str, scraps: list, chance: Random) -> bytes | str:
    """Put scraps in place of some pieces."""
    for _ in range(chance.randint(0, 4)):
        place = chance.randint(0, len(whole))
        end = place + chance.choice((0, 0, 1, 3, len(whole)))
        whole = whole[:place] + chance.choice(scraps) + whole[end:]
    return whole


def start(cases: int, seed: int, folder: Path, processes: int = 1) -> sanitized.Ended:
    """Build all, and make calls in processes that have the sanitizer loaded."""
    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(partial(build, folder=folder), SOURCES))
    return sanitized.run_all(__file__, ["--built", str(folder)], cases, seed, processes)


def run(folder: Path, cases: int, seed: int) -> None:
    """Make calls of what was built in this process, and say how many."""
    import place_calls  # noqa: PLC0415 - its neighbours are found where this starts itself

    chance = Random(seed)
    built = partial(load, folder=folder)
    articles = read_articles(built("_stored"), cases, chance)
    highlighter = built("_highlighting")
    found = read_sentences(highlighter, cases, chance)
    chosen = choose_fragments(highlighter, cases // 2, chance)
    matches = place_calls.measure_places(built("_locating"), cases // 5, chance)
    lines = line_calls.read_lines(built("_lines"), cases, chance)
    words = line_calls.scan_bytes(built("_scanner"), lines, chance)
    lemmas = lexicon_calls.look_up(built("_lexicon"), cases, chance)
    inverted = inversion_calls.invert(built("_inversion"), cases, chance)
    joints = inversion_calls.find_joints(built("_plain"), cases, chance)
    strings = numbering_calls.number_strings(built("_numbering"), cases // 10, chance)
    written = hit_calls.write_hits(built("_hits"), cases // 10, chance)
    print(
        f"seed {seed}: {articles} articles, {matches} matches, {found} sentences, "
        f"{chosen} fragments, {len(lines)} lines, {words} words, {lemmas} lemmas, "
        f"{inverted} postings, {joints} joints, {strings} strings, {written} bytes of hits, "
        "sanitized without a finding"
    )


def main() -> int:
    """Build and run, or run what was built."""
    parser = argparse.ArgumentParser(description="Calls of the readers under sanitizers.")
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=sanitized.SEED)
    parser.add_argument("--built", type=Path)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.built:
        run(options.built, options.cases, options.seed)
        return 0
    if not sanitized.library():
        print("needs gcc and libasan")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        ended = start(options.cases, options.seed, Path(folder), options.processes)
    print(ended.stdout, ended.stderr, sep="", end="")
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
