"""Whatever happens to a folder, its updates end where a fresh build of it does."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from invented import held, indexed
from newsroom import Newsroom

from searchsvc.config import Settings
from searchsvc.engines.opening import check_index
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from pathlib import Path

SEED = 4_711
QUERIES = (
    "маяк", "посадил липу", '"открыл фонтан"', "садовник -маяк", "источник:Вестник", "!пристань",
    "паром*", "пекарь | звонарь", "до:2022", "заголовок:мост", "", "часовщик NEAR/3 карусель",
)  # fmt: skip


def results(root: Path) -> list[tuple[int, set[str]]]:
    """Ask all queries: totals and ids."""
    service = Service(Settings(index=root))
    answers = [service.search(Question(text=text, size=100)) for text in QUERIES]
    service.close()
    return [(answer.total, {hit.article.id for hit in answer.hits}) for answer in answers]


@pytest.mark.prove
def test_many_updates_end_where_a_fresh_build_does(
    whole: bool, root: Path, seeds: Path, tmp_path: Path
) -> None:
    rounds, steps = (20, 25) if whole else (2, 14)
    print(f"seed {SEED}, {rounds} rounds of {steps} updates")
    for number in range(rounds):
        chance = random.Random(SEED + number)
        index, folder = root / str(number), seeds / str(number)
        room = Newsroom(folder, chance)
        indexed(index, folder)
        for step in range(steps):
            for _ in range(chance.randint(1, 3)):
                room.edit()
            indexed(index, folder, update=True)
            if step % 5 == 4 or step == steps - 1:
                fresh = tmp_path / f"fresh-{number}-{step}"
                indexed(fresh, folder)
                assert Counter(held(index)) == Counter(held(fresh)), f"round {number}, {step}"
                assert results(index) == results(fresh)
        check_index(index)
