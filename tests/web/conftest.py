"""An application over invented news, and its client."""

from __future__ import annotations

import pytest
from service_double import ServiceDouble, minute

from searchsvc.config import Settings
from searchsvc.model import Article
from searchsvc.web.app import create_app

BODY = (
    "Цифровизация районных библиотек идёт быстрее, чем ждали. За год оцифровали сорок тысяч книг, "
    "и к концу весны читальные залы в Верхнереченске откроют доступ к каждой из них.\n\n"
    "«Мы начинали с одного сканера», — вспоминает заведующая Аглая Несуществующая.\n"
    "О цифровизации школ расскажут позже."
)


def news(number: int) -> Article:
    return Article(
        id=f"news-{number}",
        title=f"Цифровизация библиотек: день {number}",
        text=BODY,
        url=f"https://verhnerechensk.example/news/{number}",
        date=minute(2021, 1 + number % 3, 1 + number, 10, number),
        source="Верхнереченские вести" if number % 2 else "Голос долины",
        topics=("Культура", "Технологии") if number % 3 else ("Общество",),
        authors=("Иннокентий Выдуманный",),
    )


HOSTILE = Article(
    id="a/b?c=1&d#e",
    title="<script>alert(1)</script>",
    text='Скрипт "><img src=x onerror=alert(1)> в тексте & амперсанд',
    url="javascript:alert(1)",
    source='<b>"Источник"</b>',
    topics=("<i>тема</i>",),
    authors=("=cmd|' /C calc'!A0",),
    part_of="news-1",
)


@pytest.fixture
def service():
    return ServiceDouble([*map(news, range(1, 26)), HOSTILE])


@pytest.fixture
def settings(tmp_path):
    return Settings(index=tmp_path / "index")


@pytest.fixture
def app(service, settings):
    return create_app(settings, service)


@pytest.fixture
def client(app):
    return app.test_client()
