"""One batch of six variants, played once for all tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.experiments.pond import play, suite


@pytest.fixture(scope="session")
def six(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A batch of six variants and three arms, the floor among them."""
    folder = tmp_path_factory.mktemp("batches") / "six"
    play(folder, suite(variants="6"))
    return folder
