"""Stored blocks: articles come back as they were, damaged ones do not come back."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, replace
from datetime import datetime

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from stores import store_of_packed

from searchsvc.engines.whoosh import stored
from searchsvc.engines.whoosh.packing_articles import pack_article
from searchsvc.engines.whoosh.stored import (
    READER,
    SHARE,
    TRAINED,
    Store,
    unpack_article,
    unpack_portably,
)
from searchsvc.engines.whoosh.storing import Packed, compressed, stored_arrays
from searchsvc.errors import IndexDamaged
from searchsvc.model import Article, ArticleDate, Precision

any_text = st.text(st.characters(exclude_categories=()), max_size=40)
lists = st.lists(any_text, max_size=3).map(tuple)
dates = st.builds(ArticleDate, st.datetimes(timezones=st.none()), st.sampled_from(Precision))
articles = st.builds(
    Article,
    **dict.fromkeys(
        ("id", "title", "text", "lead", "url", "source", "part_of", "origin"), any_text
    ),
    **dict.fromkeys(("topics", "authors", "tags"), lists),
    date=st.none() | dates,
    language=st.sampled_from(("ru", "uk", "")),
    title_made=st.booleans(),
)


@given(articles)
def test_an_article_comes_back(article: Article) -> None:
    assert unpack_article(pack_article(article), article.id) == article


def written_as_json(article: Article) -> bytes:
    row = {
        field.name: value
        for field in fields(article)
        if field.name not in {"id", "date"}
        and (value := getattr(article, field.name)) != field.default
    }
    if article.date is not None:
        row["date"] = [article.date.start.isoformat(), article.date.precision.value]
    text = json.dumps(row, ensure_ascii=False)
    wide = text.encode("utf-8", "surrogatepass")
    written = [letter if in_cp1251(letter) else json.dumps(letter)[1:-1] for letter in text]
    narrow = "".join(written).encode("cp1251")
    few = len(text) + 5 * sum(not in_cp1251(letter) for letter in text) < len(wide)
    halves = any("\ud800" <= letter <= "\udfff" for letter in text)
    return b"\1" + narrow if in_cp1251(text) or (few and not halves) else b"\0" + wide


def in_cp1251(text: str) -> bool:
    return text.encode("cp1251", "ignore").decode("cp1251") == text


@given(articles, st.sampled_from([1, 30]))
def test_an_article_is_written_as_json(article: Article, times: int) -> None:
    article = replace(article, text=article.text * times)
    assert pack_article(article) == written_as_json(article)


compiled = pytest.mark.skipif(READER is None, reason="no compiler was there at installation")

one_byte = st.text('аяАЯёЁ—«»№ aZ5/"\\\n\t\r\b\f\x01', max_size=40)
one_byte_articles = st.builds(
    Article,
    **dict.fromkeys(("id", "title", "text", "lead", "url", "source"), one_byte),
    **dict.fromkeys(("topics", "authors", "tags"), st.lists(one_byte, max_size=3).map(tuple)),
    date=st.none() | dates,
    title_made=st.booleans(),
)


@compiled
@given(one_byte_articles)
def test_the_compiled_reader_gives_the_same_article(article: Article) -> None:
    packed = pack_article(article)
    assert packed[:1] == stored.CP1251
    read = READER.article(packed, article.id)
    assert (read or article) == unpack_portably(packed, article.id) == article
    assert read is not None


@compiled
@given(one_byte_articles, st.text("語é😀\ud800\udc00\u2028", min_size=1), st.integers(1, 9))
def test_letters_of_any_script_are_read_too(article: Article, other: str, times: int) -> None:
    article = replace(article, text=(article.text + other) * times, title=other)
    packed = pack_article(article)
    read = READER.article(packed, article.id)
    assert (read or article) == unpack_portably(packed, article.id) == article
    assert (read is None) == (packed[:1] == stored.UTF8 and rb"\u0001" in packed)


@given(one_byte_articles, st.text("語é😀", min_size=1, max_size=3))
def test_few_letters_of_another_script_are_escaped(article: Article, other: str) -> None:
    russian = replace(article, text="Собянин открыл станцию метро. " * 20)
    packed = pack_article(replace(russian, title=other))
    assert packed[:1] == stored.CP1251
    assert len(packed) <= len(pack_article(replace(russian, title=""))) + 12 * len(other) + 15
    assert unpack_article(packed, article.id) == replace(russian, title=other)


@pytest.mark.parametrize(
    ("escaped", "title"),
    [("\\u0430\\uD83D\\ude00", "а😀"), ("\\ud83d", "\ud83d"), ("\\ude00\\ud83d", "\ude00\ud83d")],
)
def test_escapes_mean_what_they_do_in_json(escaped: str, title: str) -> None:
    packed = stored.CP1251 + f'{{"title": "{escaped}"}}'.encode("cp1251")
    assert unpack_article(packed, "а").title == unpack_portably(packed, "а").title == title
    assert READER is None or READER.article(packed, "а").title == title


@compiled
def test_a_compiled_article_is_as_any_other() -> None:
    article = READER.article(pack_article(ARTICLE), "а")
    assert article == replace(ARTICLE, id="а")
    assert hash(article) == hash(replace(ARTICLE, id="а"))
    assert pickle.loads(pickle.dumps(article)) == article
    with pytest.raises(FrozenInstanceError):
        article.title = "другой"
    with pytest.raises(FrozenInstanceError):
        article.date.precision = Precision.DAY


SCRAPS = [*(b'{"', b'"}', b'": "', b'", "', b'["', b'"]', b"{", b"}", b"[", b"]", b",", b" ", b"")]
SCRAPS += [*(b"text", b"title", b"date", b"topics", b"title_made", b"id", b"true", b"null", b"5")]
SCRAPS += [
    *(
        b"\\",
        b"\\n",
        b"\\u0430",
        b"\\ud83d",
        b"\\u00",
        b"\\x",
        b'"',
        b"\n",
        b"\x98",
        b"\xe0",
        b"\0",
        b"minute",
    )
]


@compiled
@given(
    one_byte_articles,
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.sampled_from(SCRAPS)), max_size=3),
    st.sampled_from(["", "語", "𝐀\ud800"]),
)
def test_of_damaged_bytes_the_compiled_reader_gives_the_same_or_nothing(
    article: Article, changes: list[tuple[float, int, bytes]], other: str
) -> None:
    packed = pack_article(replace(article, text=article.text + other))
    for part, size, scrap in changes:
        place = int(part * len(packed))
        packed = packed[:place] + scrap + packed[place + size :]
    try:
        read = READER.article(packed, "а")
    except ValueError:
        read = None
    if read is not None:
        assert read == unpack_portably(packed, "а")


@compiled
@pytest.mark.parametrize(
    "packed",
    [
        *(
            b"",
            b"\0{}",
            b"\1",
            b"\1{",
            b"\1{}",
            b'\1{"',
            b'\1{"text',
            b'\1{"text": ',
            b'\1{"text": "',
        ),
        *(b'\1{"text": "\\', b'\1{"topics": [', b'\1{"topics": ["', b'\1{"topics": ["a",]}'),
        *(b'\1{"topics": "a"}', b'\1{"text": true}', b'\1{"title_made": "a"}', b'\1{"id": "a"}'),
        *(
            b'\0{"text": "',
            b'\0{"text": "\\',
            b'\0{"text": "\n"}',
            b'\0{"text": "\\x"}',
            b'\2{"text": ""}',
        ),
        *(b'\1{"text": "a", "text": "b"}', b'\1{"text": "a"} ', b'\1{"date": ["2021", "eon"]}'),
    ],
)
def test_what_is_not_as_it_is_written_is_not_for_the_compiled_reader(packed: bytes) -> None:
    assert READER.article(packed, "а") is None


def test_an_article_may_be_stored_under_another_id() -> None:
    article = Article(id="один", title="Заголовок", text="")
    assert unpack_article(pack_article(article), "два").id == "два"


def read(opened: Store, doc: int, article_id: str) -> Article:
    """Read an article by itself and as one of some; both fail or neither."""
    try:
        (article,) = opened.articles([doc], [article_id])
    except IndexDamaged:
        with pytest.raises(IndexDamaged):
            opened.article(doc, article_id)
        raise
    assert article == opened.article(doc, article_id)
    return article


@given(st.lists(articles, min_size=1, max_size=5))
def test_a_store_gives_each_document_its_article(several: list[Article]) -> None:
    opened = store_of_packed([pack_article(article) for article in several])
    for doc, article in enumerate(several):
        assert read(opened, doc, article.id) == article
    ids = [article.id for article in several]
    assert opened.articles(range(len(several)), ids) == several


def numbered(number: int) -> Article:
    return replace(ARTICLE, text=f"Новость {number}. Мост закроют на ремонт в {number % 24} часа.")


def test_a_thousand_articles_make_a_dictionary_that_pays() -> None:
    packed = [pack_article(numbered(number)) for number in range(TRAINED)]
    few, many = store_of_packed(packed[:-1]), store_of_packed(packed)
    assert few.dictionary == b""
    assert 0 < len(many.dictionary) <= sum(map(len, packed)) // SHARE
    assert many.data.size + len(many.dictionary) < few.data.size
    assert many.article(7, "а") == numbered(7)


def test_a_given_dictionary_is_kept() -> None:
    packed = [pack_article(numbered(number)) for number in range(TRAINED)]
    first = store_of_packed(packed)
    second = store_of_packed(packed[:3], first.dictionary)
    assert second.dictionary == first.dictionary
    assert second.block(2) == first.block(2)


def test_articles_all_alike_make_no_dictionary_but_a_store() -> None:
    opened = store_of_packed([pack_article(Article(id="а", title="", text=""))] * TRAINED)
    assert opened.article(5, "б") == Article(id="б", title="", text="")


def test_russian_news_takes_a_byte_a_letter() -> None:
    assert len(pack_article(ARTICLE)) < len(ARTICLE.text) + 200
    assert pack_article(replace(ARTICLE, text="日本語" * 200))[:1] != pack_article(ARTICLE)[:1]


def test_articles_come_in_the_order_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = store_of_packed([pack_article(numbered(number)) for number in range(9)])
    expected = [replace(numbered(doc), id=str(doc)) for doc in (8, 0, 3, 3)]
    assert opened.articles((8, 0, 3, 3), ("8", "0", "3", "3")) == expected
    monkeypatch.setattr("searchsvc.engines.whoosh.stored.READER", None)
    assert opened.articles((8, 0, 3, 3), ("8", "0", "3", "3")) == expected


def test_one_damaged_article_among_others_is_told() -> None:
    blocks = [store_of_packed([pack_article(numbered(number))]).block(0) for number in range(3)]
    starts = np.cumsum([0, *map(len, blocks)])
    data = np.frombuffer(b"".join(blocks), np.uint8).copy()
    data[starts[1] + 9] ^= 255
    opened = Store(starts, data, np.zeros(0, np.uint8))
    assert opened.articles([0, 2], ["а", "а"]) == [numbered(0), numbered(2)]
    with pytest.raises(IndexDamaged):
        opened.articles([0, 1, 2], ["а", "а", "а"])


@pytest.mark.parametrize("starts", [[0, 5, 2], [0, -1, 2], [0, 2**40, 2]])
def test_starts_out_of_order_are_damage(starts: list[int]) -> None:
    opened = Store(np.array(starts), np.zeros(2, np.uint8), np.zeros(0, np.uint8))
    for doc in range(2):
        with pytest.raises(IndexDamaged):
            read(opened, doc, "а")


def test_documents_that_a_store_lacks_are_none_for_the_compiled_reader() -> None:
    if READER is None:
        pytest.skip("no compiler was there at installation")
    opened = store_of_packed([pack_article(ARTICLE)])
    places = (opened.data.data, opened.starts.data)
    assert READER.unpacked(*places, (-1, 1, 9), ("а",) * 3, bytes) == [None] * 3
    for docs, ids in (((0,), ()), (("0",), ("а",)), ((0,), (0,))):
        with pytest.raises((TypeError, ValueError)):
            READER.unpacked(*places, docs, ids, bytes)
    with pytest.raises(ValueError, match="4 or 8"):
        READER.unpacked(places[0], b"\0\0", (0,), ("а",), bytes)


def test_want_of_memory_is_told() -> None:
    testing = pytest.importorskip("_testcapi")
    if READER is None:
        pytest.skip("no compiler was there at installation")
    opened = store_of_packed([pack_article(ARTICLE)])
    places = (opened.data.data, opened.starts.data)
    kept: list[list[None]] = [[] for _ in range(200)]  # so that Python has no list left over
    refused = 0
    for number in range(8):
        testing.set_nomemory(number, number + 1)
        try:
            READER.unpacked(*places, (-1, 1, 9), ("а",) * 3, bytes)
        except MemoryError:
            refused += 1
        finally:
            testing.remove_mem_hooks()
    assert refused
    assert len(kept) == 200


def test_threads_read_one_store() -> None:
    opened = store_of_packed([pack_article(numbered(number)) for number in range(TRAINED)])
    with ThreadPoolExecutor(4) as threads:
        read = list(threads.map(lambda doc: opened.article(doc, "а"), range(TRAINED)))
    assert read == [numbered(number) for number in range(TRAINED)]


ARTICLE = Article(
    id="а",
    title="Заголовок",
    text="Текст. " * 50,
    date=ArticleDate(datetime(2021, 2, 1), Precision.DAY),
)


def opened_block(block: bytes) -> Store:
    return Store(np.array([0, len(block)]), np.frombuffer(block, np.uint8), np.zeros(0, np.uint8))


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_is_noticed_or_does_no_harm(bit: int) -> None:
    block = store_of_packed([pack_article(ARTICLE)]).block(0)
    for place in range(len(block)):
        changed = bytearray(block)
        changed[place] ^= 1 << bit
        try:
            assert read(opened_block(bytes(changed)), 0, "а") == ARTICLE, (place, bit)
        except IndexDamaged:
            continue


def test_a_block_that_is_cut_short_is_damaged() -> None:
    block = store_of_packed([pack_article(ARTICLE)]).block(0)
    for length in range(len(block)):
        with pytest.raises(IndexDamaged):
            read(opened_block(block[:length]), 0, "а")


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"null", b'"text"', b"\xff", b'{"colour": 1}', b"[" * 100_000),
        *(b'{"date": [1]}', b'{"date": ["2021", "eon"]}', b'{"date": null}', b'{"topics": 1}'),
    ],
)
@pytest.mark.parametrize("encoding", [b"\0", b"\1", b"\2", b""])
def test_a_block_of_something_else_is_damaged(content: bytes, encoding: bytes) -> None:
    block = zstandard.ZstdCompressor().compress(encoding + content)
    with pytest.raises(IndexDamaged):
        read(opened_block(block), 0, "а")


def test_a_block_that_claims_to_be_huge_takes_no_memory() -> None:
    header = b"\x28\xb5\x2f\xfd\xe0" + (2**50).to_bytes(8, "little")
    with pytest.raises(IndexDamaged):
        opened_block(header + b"\x01\x00\x00").packed(0)
    with pytest.raises(IndexDamaged):
        opened_block(header + b"\x01\x00\x00").articles([0], ["а"])


@pytest.mark.parametrize("starts", [[], [1, 3], [0, 2], [0, 9]])
def test_starts_that_do_not_fit_the_blocks_are_damage(starts: list[int]) -> None:
    with pytest.raises(IndexDamaged):
        Store(np.array(starts), np.zeros(3, np.uint8), np.zeros(0, np.uint8))


def test_long_articles_stand_among_short_ones_where_they_were() -> None:
    words = np.random.default_rng(1).integers(0, 999, (60, 9_000)).astype(np.str_)
    packed = [
        b"\1" + " ".join(own[: 9_000 if number % 3 == 1 else number]).encode()
        for number, own in enumerate(words.tolist())
    ]
    assert {len(each) > stored.LONG for each in packed} == {True, False}
    blocks = [b"".join(packed[first : first + 7]) for first in range(0, 60, 7)]
    given = Packed([b"", *blocks], np.array([len(each) for each in packed], np.int64))
    frames = compressed(given, lambda: b"")
    arrays = stored_arrays(b"", [frames])
    starts, data = arrays["stored/starts"], np.frombuffer(frames.data, np.uint8)
    store = Store(starts, data, np.zeros(0, np.uint8))
    assert [store.packed(doc) for doc in range(60)] == packed
    assert stored.compress(packed, b"") == [store.block(doc) for doc in range(60)]
