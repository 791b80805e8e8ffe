"""Hostile names are data in async drivers too; of the others the kit says it."""

import pytest
from everywhere import BACKENDS

from orm_testing import AsyncMultiBackendTestBase
from orm_testing.kit.support.hostile import NAMES, WIDE


class TestHostileNamesAsync(AsyncMultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [WIDE]

    @pytest.mark.asyncio
    async def test_names_are_data_in_async_drivers_too(self, orm):
        """The async drivers take the same names."""
        row = {"the key": "1", **{name: f"{name} 1" for name in NAMES}}
        made = await orm.create_and_verify(WIDE, row)
        await orm.update_and_verify(made, {NAMES[0]: "new"})
        await orm.query_and_verify_count(WIDE, 1, {f"{name}__endswith": " 1" for name in NAMES[1:]})
        await orm.delete_and_verify(made)
