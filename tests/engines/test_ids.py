"""Ids of a damaged index: an error that says how to mend it, never another article."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from searchsvc.engines.whoosh import columns
from searchsvc.errors import IndexDamaged
from searchsvc.model import Article

if TYPE_CHECKING:
    from pathlib import Path

    from factories import Factory

ARTICLES = [Article(id=f"a{number}", title="Маяк", text="Стоит.") for number in range(3)]


@pytest.mark.parametrize("lying", [(0, 1, 7), (0, 1, -1), (0, 1, 1)])
def test_ids_of_no_document_are_damage(
    factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lying: tuple[int, ...]
) -> None:
    factory.built(tmp_path, ARTICLES).close()
    monkeypatch.setattr(columns, "id_docs", lambda _: np.array(lying, np.int32))
    engine = factory.reader(tmp_path)
    segment = engine._index.segments[0]
    with pytest.raises(IndexDamaged):
        segment.ids  # noqa: B018
    if lying[-1] != 1:
        with pytest.raises(IndexDamaged):
            segment.find("a2")
