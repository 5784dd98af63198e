"""A corrector of a small invented vocabulary."""

from __future__ import annotations

import pytest
from listed import Listed

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.correction.corrector import Corrector
from searchsvc.correction.vocabulary import Vocabulary

FORMS = {
    "собянин": 400,
    "собянина": 300,
    "здравоохранение": 120,
    "здравоохранения": 850,
    "петербург": 9000,
    "петербурге": 8000,
    "санкт-петербург": 700,
    "санкт": 900,
    "привет": 70,
    "москва": 5000,
    "москвы": 6000,
    "максим": 600,
    "хлеб": 300,
    "люди": 900,
    "пожар": 800,
    "жалоба": 40,
    "гибель": 90,
    "гибелью": 30,
    "очень": 4000,
    "сейчас": 5000,
    "сегодня": 9000,
    "что-то": 500,
    "как": 9000,
    "мэр": 700,
    "в": 30000,
    "на": 20000,
    "hello": 8,
    "youtube": 450,
    "apple": 300,
    "kfc": 290,
    "iphone": 250,
    "зрюмов": 12,
    "зрюмова": 8,
    "корова": 13,
    "кирова": 90,
    "компьютер": 300,
    "директор": 3000,
}


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """Forty forms; in so small an index a word of one article is right."""
    return Vocabulary(Listed(FORMS))


@pytest.fixture(scope="session")
def corrector(vocabulary: Vocabulary) -> Corrector:
    return Corrector(vocabulary, Analyzer())
