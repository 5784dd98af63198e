"""What the service answers: widening, paging, filters, refusals, marked articles."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from searchsvc.config import Settings
from searchsvc.engines.protocol import Cursor, Histogram, SearchRequest, Sort
from searchsvc.errors import EngineUnavailable, IndexMissing, NotFound, QueryError
from searchsvc.schema import Field
from searchsvc.searching.answer import Answer, Question
from searchsvc.searching.asking import ALL
from searchsvc.searching.cursors import pack_cursor, unpack_cursor
from searchsvc.searching.service import ENOUGH, Service

if TYPE_CHECKING:
    from pathlib import Path

    from searchsvc.engines.protocol import SearchResult


def ask(service: Service, text: str, **given: object) -> Answer:
    return service.search(Question(text=text, size=100)._replace(**given))


def ids(answer: Answer) -> list[str]:
    return [hit.article.id for hit in answer.hits]


@pytest.fixture
def asked(service: Service, monkeypatch: pytest.MonkeyPatch) -> list[SearchRequest]:
    """What the engine is asked, in order."""
    engine, requests = service._current(), list[SearchRequest]()
    search = engine.search

    def noted(request: SearchRequest) -> SearchResult:
        requests.append(request)
        return search(request)

    monkeypatch.setattr(engine, "search", noted)
    return requests


class TestWidening:
    def test_ten_articles_with_all_words_are_enough(self, service: Service) -> None:
        answer = ask(service, "сообщение звездочёт")
        assert (answer.total, answer.query.all_words, answer.query.widened) == (12, 12, False)

    def test_fewer_are_widened_to_any_of_the_words(self, service: Service) -> None:
        answer = ask(service, "комета звездочёт")
        assert (answer.query.all_words, answer.query.widened) == (3, True)
        assert answer.total == 14
        assert set(ids(answer)[:3]) == {"n0", "n1", "n2"}

    def test_no_article_with_all_words(self, service: Service) -> None:
        answer = ask(service, "комета небывальщина")
        assert (answer.total, answer.query.all_words, answer.query.widened) == (5, 0, True)

    @pytest.mark.parametrize("text", ["комета звездочёт", "сообщение звездочёт"])
    def test_all_the_words_are_counted_before_anything_is_ranked(
        self, service: Service, asked: list[SearchRequest], text: str
    ) -> None:
        ask(service, text)
        assert [request.enough for request in asked] == [ALL, 0]

    def test_what_is_counted_passes_the_filters_too(
        self, service: Service, asked: list[SearchRequest]
    ) -> None:
        answer = ask(service, "сообщение звездочёт", topic="t0")
        assert (answer.query.all_words, answer.query.widened) == (3, True)
        assert [request.enough for request in asked] == [ALL, 0]

    def test_what_cannot_be_widened_is_shown_however_little_it_is(
        self, service: Service, asked: list[SearchRequest]
    ) -> None:
        ask(service, "комета")
        assert [request.enough for request in asked] == [0]

    def test_what_is_only_offered_is_counted_and_not_fetched(
        self, service: Service, asked: list[SearchRequest]
    ) -> None:
        answer = ask(service, "сообщение звездочет звездачёт")
        assert answer.query.corrected
        last = asked[-1]
        assert (last.enough, last.limit, last.located) == (ALL, 1, 0)

    def test_one_word_has_nothing_to_widen(self, service: Service) -> None:
        answer = ask(service, "комета")
        assert (answer.total, answer.query.all_words, answer.query.widened) == (5, 5, False)

    @pytest.mark.parametrize(
        ("text", "total"),
        [
            ('"звездочёт комета"', 0),
            ('"пролетела комета"', 5),
            ("!комета !звездочёт", 3),
            ("комета -звездочёт", 2),
            ("заголовок:комета звездочёт", 0),
            ("комета NEAR/1 звездочёт", 0),
        ],
    )
    def test_what_has_operators_is_never_widened(
        self, service: Service, text: str, total: int
    ) -> None:
        answer = ask(service, text)
        assert (answer.total, answer.query.widened) == (total, False)

    def test_what_must_not_occur_stays_out_of_a_widened_answer(self, service: Service) -> None:
        answer = ask(service, "комета небывальщина -звездочёт")
        assert answer.query.widened
        assert set(ids(answer)) == {"n20", "n21"}

    def test_filters_stay_in_a_widened_answer(self, service: Service) -> None:
        answer = ask(service, "комета небывальщина", topic="t0")
        assert answer.query.widened
        assert set(ids(answer)) == {"n0", "n20"}

    def test_pages_of_a_widened_answer_agree(self, service: Service) -> None:
        whole = ids(ask(service, "комета звездочёт"))
        paged = [
            one
            for page in range(1, 6)
            for one in ids(ask(service, "комета звездочёт", page=page, size=3))
        ]
        assert paged == whole

    def test_the_limit_is_under_ten(self) -> None:
        assert ENOUGH == 10


class TestPaging:
    @pytest.mark.parametrize("sort", [None, *Sort])
    @pytest.mark.parametrize("text", ["сообщение", "сообщение липа маяк мост", ""])
    @pytest.mark.parametrize("size", [4, 31])
    def test_a_cursor_leads_through_all_hits_once(
        self, service: Service, sort: Sort | None, text: str, size: int
    ) -> None:
        whole = ids(ask(service, text, sort=sort))
        seen: list[str] = []
        cursor = None
        for _ in range(len(whole) + 2):
            answer = ask(service, text, sort=sort, size=size, cursor=cursor)
            assert answer.total == len(whole)
            seen += ids(answer)
            cursor = answer.next
            if cursor is None:
                break
        assert seen == whole

    @pytest.mark.parametrize("size", [5, 31, 62])
    def test_pages_show_the_same_as_one_long_answer(self, service: Service, size: int) -> None:
        whole = ids(ask(service, ""))
        pages = [ids(ask(service, "", size=size, page=page)) for page in range(1, 62 // size + 2)]
        assert [one for page in pages for one in page] == whole

    def test_there_is_no_next_after_the_last_hit(self, service: Service) -> None:
        assert ask(service, "", size=62).next is None
        assert ask(service, "", size=61).next is not None
        assert ask(service, "небывальщина").next is None

    def test_a_page_beyond_the_last_is_empty(self, service: Service) -> None:
        answer = ask(service, "", size=50, page=9)
        assert (answer.hits, answer.total, answer.next) == ((), 62, None)

    def test_undated_articles_come_last_both_ways(self, service: Service) -> None:
        for sort in (Sort.DATE, Sort.DATE_ASC):
            assert set(ids(ask(service, "", sort=sort))[-2:]) == {"n70", "n71"}

    @pytest.mark.parametrize("text", ["", '"', "после:2000", "-комета"])
    def test_the_newest_come_first_when_no_word_is_asked(self, service: Service, text: str) -> None:
        newest = ids(ask(service, text, sort=Sort.DATE))
        assert ids(ask(service, text)) == newest
        assert ids(ask(service, text, sort=Sort.RELEVANCE)) == newest


class TestRefusals:
    @pytest.mark.parametrize(
        ("given", "parameter", "limit"),
        [
            ({"size": 0}, "size", 100),
            ({"size": 101}, "size", 100),
            ({"size": -1}, "size", 100),
            ({"page": 0}, "page", 1000),
            ({"page": 11, "size": 100}, "page", 1000),
            ({"page": 10**30}, "page", 1000),
            ({"text": "х" * 501}, "q", 500),
            ({"text": "а " * 33}, "q", 32),
            ({"text": "(" * 11 + "а" + ")" * 11}, "q", 10),
        ],
    )
    def test_a_limit_is_named(
        self, service: Service, given: dict[str, object], parameter: str, limit: int
    ) -> None:
        with pytest.raises(QueryError) as raised:
            service.search(Question(**given))  # type: ignore[arg-type]
        assert (raised.value.parameter, raised.value.limit) == (parameter, limit)
        assert str(limit) in str(raised.value)

    def test_the_last_page_of_the_window_is_given(self, service: Service) -> None:
        assert service.search(Question(page=10, size=100)).total == 62

    @pytest.mark.parametrize(
        "cursor",
        [
            *("x", "%", "ё", "AAAA", "A" * 5000, "=" * 9),
            pack_cursor(Cursor(float("nan"), 7), Question()),
            pack_cursor(Cursor(-5.0, -(2**63)), Question()),
            pack_cursor(Cursor(-5.0, -1), Question()),
        ],
    )
    def test_a_cursor_that_no_answer_gave(self, service: Service, cursor: str) -> None:
        with pytest.raises(QueryError, match="not one that an answer gave; start") as raised:
            service.search(Question(cursor=cursor))
        assert raised.value.parameter == "cursor"

    @pytest.mark.parametrize(
        "other",
        [
            {"text": "комета"},
            {"text": "сообщения"},
            {"sort": Sort.DATE},
            {"first": date(2021, 2, 1)},
            {"last": date(2021, 2, 1)},
            {"source": "а"},
            {"topic": "а"},
            {"author": "а"},
            {"correct": False},
        ],
    )
    def test_a_cursor_of_another_question(self, service: Service, other: dict[str, object]) -> None:
        question = Question(text="сообщение", size=3)
        cursor = service.search(question).next
        with pytest.raises(QueryError, match=r"another query.* start again without it") as raised:
            service.search(question._replace(cursor=cursor, **other))
        assert raised.value.parameter == "cursor"

    def test_a_cursor_is_good_for_pages_of_any_size(self, service: Service) -> None:
        question = Question(text="сообщение", size=3)
        cursor = service.search(question).next
        rest = question._replace(cursor=cursor, size=7, sort=Sort.RELEVANCE, facets=(Field.SOURCE,))
        assert len(service.search(rest).hits) == 7

    def test_a_query_that_takes_too_long(self, root: Path) -> None:
        service = Service(Settings(index=root, query_seconds=1e-9))
        with pytest.raises(EngineUnavailable):
            service.search(Question(text="сообщение"))

    def test_marking_an_article_takes_no_longer_than_a_query_may(self, root: Path) -> None:
        service = Service(Settings(index=root, query_seconds=1e-9))
        for text in ("сообщение", "сообщ*", "соо?щение", "сообшение~2"):
            with pytest.raises(EngineUnavailable, match="took too long"):
                service.article("n1", text)

    def test_no_index(self, tmp_path: Path) -> None:
        service = Service(Settings(index=tmp_path / "none"))
        for act in (service.ready, lambda: service.search(Question()), lambda: service.article("")):
            with pytest.raises(IndexMissing, match="make index"):
                act()


@pytest.mark.parametrize(
    "cursor",
    [Cursor(0.0, 0), Cursor(-1.5, 7), Cursor(float("inf"), 2**62), Cursor(1e-300, 2**63 - 1)],
)
def test_a_cursor_is_read_as_it_was_written(cursor: Cursor) -> None:
    question = Question(text="Ёлка \ud83d", sort=Sort.DATE, first=date(2021, 2, 1))
    assert unpack_cursor(pack_cursor(cursor, question), question) == cursor


class TestFilters:
    def test_days_are_included(self, service: Service) -> None:
        dated = [hit.article for hit in ask(service, "").hits if hit.article.date]
        day = dated[10].date.first_day  # type: ignore[union-attr]
        same = {a.id for a in dated if a.date and a.date.first_day == day}
        assert set(ids(ask(service, "", first=day, last=day))) == same

    def test_undated_articles_match_no_date(self, service: Service) -> None:
        answer = ask(service, "", first=date(1, 1, 1))
        assert (answer.total, answer.undated) == (60, 0)
        assert ask(service, "", facets=(Histogram.YEAR,)).undated == 2

    def test_a_value_is_meant_whole(self, service: Service) -> None:
        assert ask(service, "", source="Вестник Приречья").total > 0
        assert ask(service, "", source="Вестник").total == 0

    def test_facets_count_all_hits_and_not_the_page(self, service: Service) -> None:
        answer = ask(service, "", size=1, facets=(Field.TOPIC, Histogram.YEAR))
        counts = {bucket.value: bucket.count for bucket in answer.facets[Field.TOPIC]}
        assert counts == {f"t{number}": 15 for number in range(4)}
        assert sum(bucket.count for bucket in answer.facets[Histogram.YEAR]) == 60


class TestArticle:
    def test_its_text_is_whole_and_marked(self, service: Service) -> None:
        shown = service.article("n1", "кометы звездочёта")
        assert shown.text.text == shown.article.text
        marked = {shown.text.text[start:end] for start, end in shown.text.marks}
        assert marked == {"комета", "Звездочёт"}

    @pytest.mark.parametrize(
        ("text", "marked"),
        [("комета в звездочёте", {"комета", "Звездочёт"}), ("в", {"в"}), ("!в", {"в"})],
    )
    def test_words_that_only_rank_are_not_marked(
        self, service: Service, text: str, marked: set[str]
    ) -> None:
        shown = service.article("n0", text)
        assert {shown.text.text[start:end] for start, end in shown.text.marks} == marked

    def test_without_a_query_nothing_is_marked(self, service: Service) -> None:
        shown = service.article("n1")
        assert (shown.title.marks, shown.text.marks) == ((), ())

    def test_a_query_it_does_not_match_marks_what_it_has(self, service: Service) -> None:
        shown = service.article("n30", "сообщение небывальщина")
        marked = {shown.text.text[start:end] for start, end in shown.text.marks}
        assert marked == {"сообщение"}

    @pytest.mark.parametrize("name", ["", "n", "n1000", "\x00", "n1\n", "\ud800"])
    def test_an_unknown_id(self, service: Service, name: str) -> None:
        with pytest.raises(NotFound):
            service.article(name)
