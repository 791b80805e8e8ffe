"""Async tests change the schema by the same verbs; that each verb does what it says is the kit's to show."""

import pytest
from everywhere import BACKENDS

from orm_testing import AsyncMultiBackendTestBase, requires
from orm_testing.kit.support.teams import RENAMED, Goal, Person, Player, Team


@requires("evolution")
class TestAwaited(AsyncMultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Person, Team, Goal]

    @pytest.mark.asyncio
    async def test_the_verbs_are_awaited(self, orm):
        """The same verbs do the same for async tests."""
        await orm.create_and_verify(Person, name="Ann", email="a", age=30)
        assert (await orm.ddl(Person)).startswith("CREATE TABLE ")
        await orm.evolve(Person, Player, rename=RENAMED)
        assert [player.age for player in await orm.all_models(Player)] == ["30"]
        assert {column.name for column in (await orm.describe(Player)).columns} == set(Player.model_fields)
        await orm.drop_schema()
        assert not await orm.schema_exists(Player)
        await orm.create_schema(Team, Player)
        assert await orm.count_models(Player) == 0

    @pytest.mark.asyncio
    async def test_the_next_starts_with_the_first_schema(self, orm):
        """After it the models are again those of the class."""
        await orm.create_and_verify(Person, name="Ann", email="a", age=30)
        assert [column.name for column in (await orm.describe(Person)).columns] == list(Person.model_fields)

    @requires("transactional_ddl")
    @pytest.mark.asyncio
    async def test_a_rollback_takes_it_back(self, orm):
        """In async tests too."""
        async with orm.expect_rollback(ValueError):
            await orm.drop_schema(Goal)
            assert not await orm.schema_exists(Goal)
            raise ValueError
        assert await orm.schema_exists(Goal)
