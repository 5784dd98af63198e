"""What a reader is told about parts of a query that were ignored or taken otherwise than typed."""

from __future__ import annotations

from enum import StrEnum


class Problem(StrEnum):
    """One sentence in Russian; ``{}`` is the place of the part in question."""

    QUOTE = "Кавычка без пары пропущена"
    EMPTY_QUOTES = "Пустые кавычки пропущены"
    CLOSE = "Лишняя скобка пропущена"
    OPEN = "Скобка не закрыта: группа продолжена до конца запроса"
    EMPTY_GROUP = "Пустые скобки пропущены"
    DANGLING = "Оператор «{}» пропущен: рядом с ним нет слова"
    NEAR = "NEAR соединяет слова, маски и фразы одного поля; здесь он заменён на «и»"
    NEAR_MANY = "Слишком много вариантов вокруг NEAR: он заменён на «и»"
    DISTANCE_LONG = "Расстояние {} слишком велико, взято {}"
    DISTANCE_ZERO = "Расстояние 0 невозможно, взято 1"
    STAR = "Звёздочка в «{}» пропущена: перед ней нужно не меньше трёх букв одного слова"
    FUZZY = "Знак ~ в «{}» пропущен: он ставится сразу после слова от трёх букв"
    FUZZY_ONE = "Для «{}» допущена одна опечатка: для двух нужно слово от пяти букв"
    FUZZY_MANY = "Для «{}» допущены две опечатки: больше нельзя"
    EXACT = "Знак ! пропущен: он ставится только перед словом или фразой в кавычках"
    FIELD = "«{}» действует только вплотную к значению, без пробела; найдено как слово"
    DATE = "Дата в «{}» не распознана; найдено как текст"
    DATES_SWAPPED = "Даты в «{}» стоят наоборот и переставлены"

    def about(self, *parts: object) -> str:
        """Fill in the parts in question."""
        return self.value.format(*parts)
