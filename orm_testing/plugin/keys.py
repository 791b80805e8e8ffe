"""What the parts of the plugin leave for each other on items and on the run's configuration."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from orm_testing.isolation.pool import Pool
    from orm_testing.ledger import KnownFailure
    from orm_testing.plugin.serving import Served
    from orm_testing.services.servers import Servers

DECIDED = pytest.StashKey[tuple[str, str]]()
"""The state, and why, of an item that was stopped before it ran."""

EXPECTED: "pytest.StashKey[list[KnownFailure]]" = pytest.StashKey()
"""The entries of ledgers that are about an item, each on some product."""

SERVED: "pytest.StashKey[Served]" = pytest.StashKey()
"""What an item was given."""

POOL: "pytest.StashKey[Pool]" = pytest.StashKey()
"""The open drivers of this worker."""

FAILURES = pytest.StashKey[set[str]]()
"""What was told already of servers that could not be had."""

RUN = pytest.StashKey[str]()
"""The run's name among all runs of this machine."""

SERVERS: "pytest.StashKey[Servers]" = pytest.StashKey()
"""The servers of this run, as this process sees them."""

ALTER: "pytest.StashKey[Callable[[Any], None]]" = pytest.StashKey()
"""What is done to every driver as it is made, where another plugin asks for that."""

PARTLY = pytest.StashKey[bool]()
"""Whether another plugin collects a part of the kit alone."""

REASONS = pytest.StashKey[dict[str, str | None]]()
"""Why a backend cannot be had here, or None: asked once per run."""


def run_name(config: pytest.Config) -> str:
    """The name of this run among all of this machine; xdist's workers are told it."""
    if RUN not in config.stash:
        import secrets

        told = getattr(config, "workerinput", {}).get("orm_testing_run")
        config.stash[RUN] = told or secrets.token_hex(3)
    return config.stash[RUN]
