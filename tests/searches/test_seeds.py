"""What the first start has to show: many sources, topics and months, every input format."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from searchsvc.engines.protocol import Histogram
from searchsvc.schema import Field
from searchsvc.searching.answer import Question

if TYPE_CHECKING:
    from searchsvc.searching.service import Service

SEEDS = Path(__file__).parents[2] / "seeds"
GIVEN = {
    "000_981a7bea91e4e615.txt": "425d2c77d833f004433363c57d656bae9675cf3bbd27d515ecea02954eac6dc2",
    "001_43f7259e81000b37.txt": "4def83ae39302f60e5d680a9958f18d8c5e04d979c30eaa49098d1fead4e9277",
}
EVERYTHING = Question(facets=(Field.SOURCE, Field.TOPIC, Histogram.MONTH), size=100)


def test_given_dumps_are_as_they_came() -> None:
    for name, digest in GIVEN.items():
        assert hashlib.sha256((SEEDS / name).read_bytes()).hexdigest() == digest


def test_every_input_format_is_there() -> None:
    names = [path.name for path in SEEDS.rglob("*") if path.is_file()]
    suffixes = "html htm mhtml txt json jsonl ndjson.gz csv tsv xml zip tar.gz"
    for suffix in suffixes.split():
        assert any(name.endswith(f".{suffix}") for name in names), suffix


def test_there_is_something_to_search(seed_service: Service) -> None:
    answer = seed_service.search(EVERYTHING)
    assert answer.total >= 45
    assert len(answer.facets[Field.SOURCE]) >= 6
    assert len(answer.facets[Field.TOPIC]) >= 8
    assert len([month for month in answer.facets[Histogram.MONTH] if month.count]) >= 14


def test_the_newest_come_first_when_nothing_is_asked(seed_service: Service) -> None:
    dates = [hit.article.date for hit in seed_service.search(EVERYTHING).hits]
    known = [date.start for date in dates if date is not None]
    assert known == sorted(known, reverse=True)
    assert dates[: len(known)] == [date for date in dates if date is not None]


def test_one_article_is_not_in_russian(seed_service: Service) -> None:
    articles = [hit.article for hit in seed_service.search(EVERYTHING).hits]
    assert [a.title for a in articles if a.language != "ru"] == [
        "Severogorsk ravens learn to sort plastic"
    ]


def test_what_is_given_in_a_file_is_what_is_found(seed_service: Service) -> None:
    first = seed_service.search(Question(text="Собянину")).hits[0].article
    assert first.text.startswith("Мэр Москвы")
    assert first.title_made
    second = seed_service.search(Question(text="рейтинга")).hits[0].article
    assert second.title.startswith("Алтайский край вошел в число лидеров рейтинга")
    assert second.text.startswith("Составлен рейтинг")
    assert second.text.rstrip().endswith("регионе.")


def test_stories_of_a_tail_know_their_page(seed_service: Service) -> None:
    for page, name in (("рейтинга", "Дороганов"), ("Кочергин", "Капитолина")):
        whole = seed_service.search(Question(text=page)).hits[0].article
        story = seed_service.search(Question(text=name)).hits[0].article
        assert story.part_of == whole.id
        assert story.date is None
