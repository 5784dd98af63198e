"""An answer's bytes are the same, whether its hits are written in C or not."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.correction.corrector import Reason
from searchsvc.engines.explanation import Explanation
from searchsvc.engines.protocol import Bucket, Histogram
from searchsvc.highlighting.snippet import Snippet
from searchsvc.model import Article, ArticleDate, Precision
from searchsvc.schema import Field
from searchsvc.searching.answer import Answer, Corrected, Found, Understood
from searchsvc.web import answering
from searchsvc.web.answering import answer_json
from searchsvc.web.rendering import answer_object
from searchsvc.web.writing import to_bytes

ODD = st.text(alphabet="аЯ <>&\"'\\/\n\t\r\x00\x1f\x7f\u2028語😀e", max_size=30)
PLAIN = st.text(alphabet="аЯ e語😀", min_size=20, max_size=90)
TEXTS = ODD | PLAIN | st.lists(ODD | PLAIN, max_size=4).map("".join)
DATES = st.none() | st.builds(
    ArticleDate,
    st.datetimes(datetime(1, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(Precision),
)
ARTICLES = st.builds(
    Article,
    id=TEXTS,
    title=TEXTS,
    text=TEXTS,
    url=TEXTS | st.none(),
    date=DATES,
    source=TEXTS | st.none(),
    topics=st.lists(TEXTS, max_size=3).map(tuple),
    authors=st.lists(TEXTS, max_size=2).map(tuple),
    part_of=TEXTS | st.none(),
)
TIES = st.integers(-9, 10**7).map(lambda number: number / 2e4)
SCORES = TIES | st.floats(-1e3, 1e8) | st.sampled_from((0.0, 1.0, -1e-9, 0.00005, 512.12345, 2e-4))


@st.composite
def snippets(draw):
    text = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), unique=True, max_size=6)))
    return Snippet(text, tuple(zip(cuts[::2], cuts[1::2], strict=False)))


EXPLAINED = Explanation((), 5, 7.5)
HITS = st.builds(Found, ARTICLES, SCORES, snippets(), st.lists(snippets(), max_size=3).map(tuple))


def answer(*hits, **changes):
    query = Understood(text="мэр", interpreted="мэр")
    return Answer(query, total=7, took_ms=0.12345, generation=3, hits=hits)._replace(**changes)


def hit(**changes):
    article = Article(id="а", title="Мэр", text="Мэр.")
    values = {"article": article, "score": 1.5, "title": Snippet("Мэр"), "snippets": ()}
    return Found(**(values | changes))


def written(asked):
    return answering.compiled.written(asked, b"null\n", b"{}\n", *answering.DATES)


@pytest.fixture
def compiled():
    if answering.compiled is None:
        pytest.skip("was not compiled")
    return answering.compiled


@given(st.lists(HITS, max_size=4), st.none() | TEXTS)
def test_bytes_are_those_of_the_object(hits, cursor):
    asked = answer(*hits, next=cursor)
    assert answer_json(asked) == to_bytes(answer_object(asked))


COUNTS = st.integers(0, 1 << 60)
CORRECTED = st.none() | st.builds(Corrected, TEXTS, st.sampled_from(Reason), st.booleans())
QUERIES = st.builds(
    Understood,
    text=TEXTS,
    interpreted=TEXTS,
    lemmas=st.lists(TEXTS, max_size=3).map(tuple),
    widened=st.booleans(),
    all_words=COUNTS,
    warnings=st.lists(TEXTS, max_size=3).map(tuple),
    corrected=CORRECTED,
)
FACETS = st.dictionaries(
    st.sampled_from((Field.SOURCE, Histogram.MONTH)),
    st.lists(st.builds(Bucket, TEXTS, COUNTS), max_size=2).map(tuple),
)


@given(QUERIES, COUNTS, st.floats(0, 1e6) | TIES, COUNTS, FACETS, st.integers(0, 2))
def test_so_is_what_stands_around_the_hits(query, total, took, generation, facets, undated):
    asked = Answer(query, total, took, generation, (hit(),), facets, undated)
    assert answer_json(asked) == to_bytes(answer_object(asked))


@given(st.lists(HITS, max_size=2))
def test_hits_as_they_are_mostly_are_written_in_c(hits):
    if answering.compiled is not None:
        assert written(answer(*hits)) is not None


@pytest.mark.parametrize(
    "odd",
    [
        hit(explanation=EXPLAINED),
        hit(score=float("nan")),
        hit(score=1e12),
        hit(score=1),
        hit(title=Snippet("край \ud800")),
        hit(title=Snippet("край", ((2, 4), (0, 1)))),
        hit(title=Snippet("край", ((0, 2), (1, 3)))),
        hit(title=Snippet("край", ((0, 5),))),
        hit(title=Snippet("край", ((-1, 2),))),
        hit(title=Snippet("край", ((0, 1 << 70),))),
        hit(title=Snippet("край", [(0, 1)])),
        hit(title=("край", ())),
        hit()[:4],
        None,
        hit(snippets=[Snippet("край")]),
        hit(article=Article(id="а", title="Мэр", text="", topics=["Город"])),
        hit(article=Article(id="а", title=5, text="")),
    ],
)
@pytest.mark.usefixtures("compiled")
def test_what_is_odd_is_left_to_python(odd):
    assert written(answer(odd)) is None


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    "changes",
    [
        {"query": None},
        {"query": Understood("край \ud800", "край")},
        {"query": Understood("край", "край", ["край"])},
        {"total": -1},
        {"total": 1 << 70},
        {"total": True},
        {"took_ms": 5},
        {"generation": None},
        {"hits": [hit()]},
        {"next": 5},
    ],
)
def test_an_odd_answer_is_left_to_python(changes):
    assert written(answer(**changes)) is None


@pytest.mark.usefixtures("compiled")
def test_only_answers_are_written():
    assert written(()) is None
    assert answering.compiled.written(answer(), b"", b"{}\n", *answering.DATES) is None
    with pytest.raises(TypeError):
        written(None)


def test_an_explained_hit_says_why():
    asked = answer(hit(explanation=EXPLAINED))
    assert answer_json(asked) == to_bytes(answer_object(asked))
    assert b'"explain":' in answer_json(asked)


def test_without_the_module_in_c_the_bytes_are_the_same(compiled, monkeypatch):
    asked = answer(hit(title=Snippet("Мэр <Москвы>", ((0, 3),))), hit())
    in_c = answer_json(asked)
    monkeypatch.setattr(answering, "compiled", None)
    assert answer_json(asked) == in_c


@pytest.mark.usefixtures("compiled")
def test_an_error_of_a_hit_is_not_lost():
    class Broken:
        precision = Precision.DAY

        def isoformat(self):
            raise ZeroDivisionError

    class Timeless:
        precision = Precision.MINUTE
        start = None

    for date, error in ((Broken(), ZeroDivisionError), (Timeless(), AttributeError)):
        with pytest.raises(error):
            written(answer(hit(article=Article(id="а", title="б", text="", date=date))))
    with pytest.raises(AttributeError):
        written(answer(hit(article=None)))
