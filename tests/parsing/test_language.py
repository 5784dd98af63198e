from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.parsing import language
from searchsvc.parsing.language import language_of

SENTENCES = [
    ("ru", "Сегодня в Москве открыли новую школу для детей и взрослых."),
    (
        "uk",
        "Привіт, сьогодні у Києві відкрили нову школу для дітей і дорослих, повідомили в мерії.",
    ),
    ("be", "Сёння ў Мінску адкрылі новую школу для дзяцей, паведамілі ў гарадской адміністрацыі."),
    ("bg", "Днес в София беше открито ново училище за деца и възрастни, съобщи кметът на града."),
    ("kk", "Бүгін Алматы қаласында балаларға арналған жаңа мектеп ашылды, деп хабарлады әкімдік."),
    ("en", "The mayor opened a new school in the city today, the administration said."),
    ("de", "Der Bürgermeister hat heute eine neue Schule eröffnet, teilte die Stadt mit."),
]


@pytest.mark.parametrize(("code", "sentence"), SENTENCES)
def test_tells_languages_apart(code: str, sentence: str) -> None:
    assert language_of(sentence) == code


@pytest.mark.parametrize("text", ["Мэр", "В Киеве", "Apple и мэр города", "", "123", "— …"])
def test_takes_what_says_little_for_russian(text: str) -> None:
    assert language_of(text) == "ru"


def test_knows_short_headlines_by_their_letters() -> None:
    assert language_of("Навіны ў Мінску") == "be"
    assert language_of("Кметът на София") == "bg"
    assert language_of("Премьер Дзюнъитиро приехал") == "ru"


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    code = language_of(text)
    assert len(code) == 2
    assert code.islower()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Группа The Beatles сыграла в Лондоне. Как сообщает агентство, это был концерт на крыше. "
         "Музыканты пели песни из альбома и ушли после визита полиции", "ru"),
        ("Премиерът заяви, че това е важно за страната и че правителството ще се справи с кризата "
         "до края на годината, както обеща на министрите от кабинета", "bg"),
    ],
)  # fmt: skip
def test_words_of_another_language_count_where_they_are_many(text: str, code: str) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "Среда джаза: Gene Harris and the Superband\nАльбом американского пианиста, вышедший в мае",
        "Доходы бюджета области в прошлом году составили триллион",
        "Учения прошли на границе с республикой Крым, заявил м\u0456нистр обороны и его "
        "заместитель по связям с общественностью в ходе встречи с журналистами",
    ],
)
def test_russian_with_other_words_in_it_needs_no_model(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_by_model", None)
    assert language.language_of(text) == "ru"


def test_english_that_quotes_russian_is_english() -> None:
    quoting = "The mayor of the city told the press on Monday that there was no snow: «Не выпал». "
    assert language.language_of(quoting * 3) == "en"
