"""What a capital letter in a query does to the order of what is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from invented import indexed, record, write

from searchsvc.config import Settings
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = {
    "fishing": "Лососёвая путина началась. Рыбаки ждут путину, путина будет долгой.",
    "season": "К путине готовы все суда. Итоги путины подведут осенью, путина удалась.",
    "president": "Президент Путин провёл совещание. Итоги встречи с Путиным подвели вечером.",
    "birds": "Орлов видели над лесом. Гнездо орла нашли у реки.",
    "surname": "Мэр Орлов открыл мост. Слова Орлова повторили дважды.",
    "acronym": "МОК перенёс заседание. Решение МОК огласят завтра.",
    "wet": "Забор мокнет под дождём, сараи мокли рядом.",
    "nisan": "Токаев прибыл в Приречье, встреча с Токаевым прошла вечером.",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("capitals")
    rows = [
        record(number, id=name, title=f"Сообщение {number}", text=text)
        for number, (name, text) in enumerate(TEXTS.items())
    ]
    write(folder / "a.jsonl", rows)
    indexed(folder / "index", folder / "a.jsonl")
    service = Service(Settings(index=folder / "index"))
    yield service
    service.close()


def found(service: Service, text: str) -> list[str]:
    return [hit.article.id for hit in service.search(Question(text=text)).hits]


def test_a_capital_ranks_the_president_above_the_fishing_season(service: Service) -> None:
    assert found(service, "Путина")[0] == "president"
    assert set(found(service, "Путина")) == {"president", "fishing", "season"}


def test_a_small_letter_finds_both(service: Service) -> None:
    assert set(found(service, "путина")) == {"president", "fishing", "season"}


def test_a_surname_comes_before_birds(service: Service) -> None:
    assert found(service, "Орлов") == ["surname", "birds"]


def test_an_acronym_is_no_form_of_a_verb(service: Service) -> None:
    assert "wet" not in found(service, "решение МОК")
    assert set(found(service, "мокнуть")) >= {"wet"}


def test_a_surname_that_is_known_as_a_plural_only_is_found_in_every_case(service: Service) -> None:
    for form in ("Токаев", "Токаева", "Токаевым"):
        assert found(service, form) == ["nisan"]
