"""What every room's tests share: sizes, data, an index of the seeds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from searchsvc.config import Settings
from searchsvc.engines.opening import open_builder
from searchsvc.indexing.building import build
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"

settings.register_profile(
    "facts",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("facts")


@pytest.fixture(scope="session")
def whole() -> bool:
    """Whether long proofs run whole (``make prove``) or at a size that fits CI."""
    return bool(os.environ.get("SEARCHSVC_PROVE"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real corpora; tests that need it are skipped without it."""
    folder = os.environ.get("SEARCHSVC_DATA")
    if not folder:
        pytest.skip("needs the corpora: give SEARCHSVC_DATA=folder (make prove DATA=folder)")
    return Path(folder)


@pytest.fixture(scope="session")
def seed_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an index built from seeds/."""
    settings = Settings(index=tmp_path_factory.mktemp("seeds") / "index", procs=1)
    build([SEEDS], open_builder(settings.index), settings)
    return settings


@pytest.fixture(scope="session")
def seed_service(seed_settings: Settings) -> Iterator[Service]:
    """A service over an index of seeds/."""
    service = Service(seed_settings)
    yield service
    service.close()
