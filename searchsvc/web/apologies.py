"""What went wrong, in a reader's words: a problem comes in, a Russian heading and advice go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from searchsvc.web.problems import Problem


class Apology(NamedTuple):
    """A heading and what to do."""

    heading: str
    advice: str


BY_STATUS = {
    400: Apology("Запрос не понят", "Проверьте запрос и попробуйте ещё раз."),
    404: Apology(
        "Такой страницы нет", "Возможно, статью убрали или в адресе опечатка. Попробуйте поиск."
    ),
    405: Apology("Такой запрос здесь не принимается", "Вернитесь к поиску."),
    413: Apology("Запрос слишком большой", "Сократите его и попробуйте ещё раз."),
    414: Apology("Запрос слишком длинный", "Сократите его и попробуйте ещё раз."),
    503: Apology("Поиск пока не готов", "Индекс ещё не построен. Загляните чуть позже."),
}
BUSY = Apology("Поиск сейчас занят", "Попробуйте ещё раз через несколько секунд.")
BROKEN = Apology("Что-то сломалось у нас", "Мы записали, что случилось. Попробуйте ещё раз позже.")

BY_PARAMETER = {
    "q": "Запрос слишком длинный или сложный: сократите его.",
    "page": "Такой страницы результатов нет: есть страницы с 1 по {limit}.",
    "cursor": "Ссылка на продолжение устарела или от другого запроса: начните поиск заново.",
    "sort": "Такого порядка нет: выберите один из предложенных.",
    "from": "Дата начала не понята или позже даты конца: нужна дата вида 2021-02-19 или 2021.",
    "to": "Дата конца не понята: нужна дата вида 2021-02-19, 2021-02 или 2021.",
    "source": "Такого источника не бывает: название слишком длинное или указано дважды.",
    "topic": "Такой рубрики не бывает: название слишком длинное или указано дважды.",
    "author": "Такого автора не бывает: имя слишком длинное или указано дважды.",
}


def apology(problem: Problem) -> Apology:
    """Choose the words for a problem."""
    if problem.retry_after is not None:
        return BUSY
    general = BY_STATUS.get(problem.status)
    if general is None:
        return BROKEN if problem.status >= 500 else BY_STATUS[400]
    advice = BY_PARAMETER.get(problem.parameter or "")
    return general._replace(advice=advice.format(limit=problem.limit)) if advice else general
