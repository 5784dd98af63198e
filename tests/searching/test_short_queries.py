"""What comes first for one word or two: the title that says it, the words side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from invented import indexed, record, write

from searchsvc.config import Settings
from searchsvc.engines.protocol import Sort
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTICLES = {
    "phrase": (
        "Ремонт моста обещают закончить к середине сентября",
        "Дорожники сузят проезд у пристани до одной полосы. Работы начнутся на рассвете, объезд "
        "укажут знаки. Паромщик просит жителей Приречья набраться терпения.",
    ),
    "apart": (
        "Бабье лето сместится к середине октября",
        "В сентябре в Приречье ждут тепла, в середине октября ждут солнца. Середина осени, "
        "говорят синоптики, в сентябре ещё не видна: сентябрь, сентябрь без дождей.",
    ),
    "name": (
        "Бакенщика наградили",
        "Медаль вручили на пристани. Награду получил Игнат Зорин, который спас баржу.",
    ),
    "namesakes": (
        "Выставка открылась",
        "Часовщик Пётр Зорин открыл выставку. Пекарь Игнат Липкин принёс хлеб, Зорин был рад, "
        "Игнат тоже.",
    ),
    "mosquitoes": (
        "Комары над пристанью",
        "Комаров стало больше.",
    ),
    "baker": (
        "Пекарня открылась в Зареченске",
        "Липу сажали вечером. Хлеб печёт семья Комаровых, соседи хвалят Комарова. "
        "Часовщик починил часы на башне, паромщик покрасил борт.",
    ),
    "state": (
        "Россия и Приречье подписали договор",
        "Россия поставит паромы. Россия получит липу.",
    ),
    "federation": (
        "Паром встал на ремонт",
        "Флаг Российской Федерации подняли на мачте. Законы Российской Федерации соблюли.",
    ),
    **{
        f"mention{number}": (
            f"Выпуск {number}: садовник открыл карусель",
            f"Липу сажали вечером. Россия упомянута {number} раз.",
        )
        for number in range(12)
    },
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("short")
    rows = [
        record(number, id=name, title=title, text=text)
        for number, (name, (title, text)) in enumerate(ARTICLES.items())
    ]
    write(folder / "a.jsonl", rows)
    indexed(folder / "index", folder / "a.jsonl")
    service = Service(Settings(index=folder / "index"))
    yield service
    service.close()


def found(service: Service, text: str, **asked: Any) -> list[str]:
    return [hit.article.id for hit in service.search(Question(text=text, **asked)).hits]


def test_a_phrase_in_the_title_comes_before_its_words_apart(service: Service) -> None:
    assert found(service, "середин сентября") == ["phrase", "apart"]


def test_a_name_is_found_in_either_order(service: Service) -> None:
    for typed in ("Игнату Зорину", "Зорину Игнату"):
        assert found(service, typed) == ["name", "namesakes"]


def test_a_rare_synonym_does_not_outrank_the_typed_name(service: Service) -> None:
    assert found(service, "Россию")[0] == "state"
    assert "federation" in found(service, "Россию", size=20)


def test_a_capitalised_surname_comes_before_a_title_of_mosquitoes(service: Service) -> None:
    assert found(service, "Комаров") == ["baker", "mosquitoes"]
    assert found(service, "комаров")[0] == "mosquitoes"


def test_no_more_is_found_than_without_a_preference(service: Service) -> None:
    assert set(found(service, "середин сентября", sort=Sort.DATE)) == {"phrase", "apart"}


def test_only_what_was_asked_for_is_marked(service: Service) -> None:
    hit, *_ = service.search(Question(text="середин сентября")).hits
    assert [hit.title.text[start:end] for start, end in hit.title.marks] == [
        "середине",
        "сентября",
    ]


def test_the_gains_of_a_short_query_add_up(service: Service) -> None:
    for hit in service.search(Question(text="Игнату Зорину", explain=True)).hits:
        assert hit.explanation is not None
        assert hit.explanation.score == pytest.approx(hit.score, rel=1e-4)
