"""A client on the in-memory driver, for tests of what stands below the verbs."""

import pytest

from orm_testing import Clock, InMemoryDriver, OrmDsl
from orm_testing.dsl.context import Context


@pytest.fixture(scope="session")
def make_orm():
    """Makes a fresh client for some models, on a new in-memory driver or on the one that is named."""

    def make(*models, driver=InMemoryDriver):
        made = driver() if isinstance(driver, type) else driver
        made.backend_name = "inmemory"
        made.clock = clock = Clock()
        made.setup_backend(models)
        return OrmDsl(Context(made, "inmemory", models, clock), made)

    return make
