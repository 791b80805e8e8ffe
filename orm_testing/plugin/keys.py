"""What the parts of the plugin leave for each other on items and on the run's configuration."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from orm_testing.isolation.pool import Pool
    from orm_testing.plugin.serving import Served

DECIDED = pytest.StashKey[tuple[str, str]]()
"""The state, and why, of an item that was stopped before it ran."""

SERVED: "pytest.StashKey[Served]" = pytest.StashKey()
"""What an item was given."""

POOL: "pytest.StashKey[Pool]" = pytest.StashKey()
"""The open drivers of this worker."""

REASONS = pytest.StashKey[dict[str, str | None]]()
"""Why a backend cannot be had here, or None: asked once per run."""
