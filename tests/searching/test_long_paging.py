"""Paging on past the hits that a second pass orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from invented import indexed, record, write

from searchsvc.config import Settings
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

TOTAL = 240


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("paging")
    texts = (f"{record(number)['text']}{' комета' * (number % 5 + 1)}" for number in range(TOTAL))
    write(folder / "a.jsonl", [record(number, text=text) for number, text in enumerate(texts)])
    indexed(folder / "index", folder / "a.jsonl")
    service = Service(Settings(index=folder / "index"))
    yield service
    service.close()


@pytest.mark.parametrize("size", [10, 30, 100])
def test_cursors_and_pages_show_every_hit_once_in_the_same_order(
    service: Service, size: int
) -> None:
    by_cursor: list[str] = []
    by_page: list[str] = []
    cursor = None
    for page in range(1, TOTAL // size + 2):
        answer = service.search(Question(text="комета", size=size, cursor=cursor))
        by_cursor += [hit.article.id for hit in answer.hits]
        answer_of_page = service.search(Question(text="комета", size=size, page=page))
        by_page += [hit.article.id for hit in answer_of_page.hits]
        cursor = answer.next
        if cursor is None:
            break
    assert cursor is None
    assert by_cursor == by_page
    assert len(by_cursor) == len(set(by_cursor)) == TOTAL
