"""Both clients: one set of verbs, one thread or task at a time."""

import asyncio
import inspect
import threading

import pytest

from orm_testing import (
    AsyncOrmDsl,
    ConfigurationError,
    DuplicateKeyError,
    Field,
    InMemoryDriver,
    InvalidQueryError,
    MockDriver,
    Model,
    NotFoundError,
    OrmDsl,
    VerificationError,
)


class Person(Model):
    id: str = Field(primary_key=True)
    name: str = ""
    age: int = 0


def run(coroutine):
    return asyncio.run(coroutine)


VERBS = [
    name
    for name, member in vars(OrmDsl).items()
    if inspect.isfunction(member)
    and not name.startswith("_")
    and name not in {"run", "opened", "get_backend_name", "is_backend"}
]


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_is_the_same_in_both_clients(name):
    """A verb has the same parameters, awaited or not, and the same words in its docstring where it has one."""
    one, other = getattr(OrmDsl, name), getattr(AsyncOrmDsl, name)
    mine, its = inspect.signature(one).parameters, inspect.signature(other).parameters
    assert [(each.name, each.kind, each.default) for each in mine.values()] == [
        (each.name, each.kind, each.default) for each in its.values()
    ]
    assert inspect.iscoroutinefunction(inspect.unwrap(other)) is (
        name not in {"transaction", "expect_rollback"}
    )
    assert other.__doc__.replace("async with", "with") == one.__doc__


def test_the_verbs_of_the_issue_are_there():
    """All verbs that a user is promised exist."""
    promised = """create_model get_model update_model delete_model upsert_model query_models count_models model_exists
        all_models clear_storage create_and_verify create_many_and_verify reset get_and_verify_exists
        get_and_verify_not_exists update_and_verify delete_and_verify upsert_and_verify query_and_verify_count
        expect_create_failure expect_update_failure expect_delete_failure expect_upsert_failure expect_query_failure
        first aggregate transaction expect_rollback given concurrently as_user"""
    assert set(promised.split()) <= set(VERBS)


def test_a_client_unpacks_into_itself_and_its_backend(make_awaited):
    """`client, backend_name = orm` and `orm` itself are two styles of one thing."""
    orm = make_awaited(Person)
    real = getattr(orm, "orm", orm)
    client, backend_name = real
    assert client is real
    assert backend_name == real.get_backend_name() == "inmemory"
    assert real.is_backend("inmemory")
    assert not real.is_backend("sqlite")
    assert real.clock is real.context.clock
    assert real.driver is real.context.driver


def test_a_scenario_with_every_verb_runs_alike_on_both_clients(make_awaited):
    """The same test, awaited or not, sees the same rows, failures and answers."""

    async def scenario(orm):
        ann = await orm.create_and_verify(Person, id="a", name="Ann", age=30)
        assert ann == Person(id="a", name="Ann", age=30)
        await orm.create_many_and_verify(Person, [{"id": "b"}, {"id": "c", "age": 40}])
        assert (await orm.create_model(Person, id="d")).success
        assert (await orm.get_model(Person, id="d")).instance.id == "d"
        assert (await orm.update_model(ann, {"age": 31})).data.age == 31
        assert (await orm.upsert_model(Person, id="d", age=1)).success
        assert await orm.get_and_verify_exists(Person, id="d") == Person(id="d", age=1)
        assert (await orm.delete_model(Person(id="d"))).success
        await orm.get_and_verify_not_exists(Person, id="d")
        assert (await orm.update_and_verify(ann, name="Anna")).age == 31
        await orm.upsert_and_verify(Person, id="b", name="Bob")
        assert len((await orm.query_models(Person, order_by="name", limit=2)).data) == 2
        assert [each.id for each in await orm.query_and_verify_count(Person, 2, age__gte=31)] == ["a", "c"]
        assert (await orm.first(Person, order_by=["-age"])).id == "c"
        assert await orm.count_models(Person) == 3
        assert await orm.model_exists(Person, name="Bob")
        assert await orm.aggregate(Person, "age__sum", group_by="name") == [
            {"name": "", "age__sum": 40}, {"name": "Anna", "age__sum": 31}, {"name": "Bob", "age__sum": 0},
        ]  # fmt: skip
        assert (await orm.expect_create_failure(Person, DuplicateKeyError, id="a")).fields == ("id",)
        await orm.expect_update_failure(Person(id="x"), NotFoundError, age=1)
        await orm.expect_delete_failure(Person(id="x"), NotFoundError)
        await orm.expect_upsert_failure(Person, id="a", age="old")
        await orm.expect_query_failure(Person, InvalidQueryError, aeg=1)
        await orm.delete_and_verify(await orm.given(Person, age=5))
        async with orm.transaction():
            await orm.create_and_verify(Person, id="t")
        async with orm.expect_rollback(KeyError):
            await orm.create_and_verify(Person, id="u")
            raise KeyError
        assert [each.id for each in await orm.all_models(Person)] == ["a", "b", "c", "t"]
        assert (await orm.clear_storage()).success
        await orm.create_and_verify(Person, id="a")
        await orm.reset()
        assert await orm.all_models(Person) == []

    orm = make_awaited(Person)
    run(scenario(orm))
    assert orm.context.unseen_failures() == []


def test_a_lie_is_caught_by_both_clients(make_awaited, liar):
    """A driver that stores nothing fails both clients with the same words."""
    driver = liar(lambda driver, honest, operation: Person(**operation.data), "create")

    async def scenario(orm):
        with pytest.raises(
            VerificationError, match=r"create_and_verify Person .* on inmemory: .* is not in the store"
        ):
            await orm.create_and_verify(Person, id="a")

    run(scenario(make_awaited(Person, driver=driver)))


def test_failed_results_that_nobody_looked_at_are_listed(make_awaited):
    """A failed result is unseen until its success, error or truth is asked for; a good one never counts."""

    async def scenario(orm):
        await orm.create_model(Person, id="a")
        again = await orm.create_model(Person, id="a")
        gone = await orm.get_model(Person, id="x")
        unseen = orm.context.unseen_failures()
        assert unseen == [again, gone]
        assert repr(again)
        assert orm.context.unseen_failures() == [again, gone]
        assert again.error is not None
        assert orm.context.unseen_failures() == [gone]
        assert not gone
        assert orm.context.unseen_failures() == []
        await orm.expect_create_failure(Person, id="a")
        await orm.get_and_verify_not_exists(Person, id="x")
        assert orm.context.unseen_failures() == []

    run(scenario(make_awaited(Person)))


def test_one_client_in_two_threads_is_an_error(make_orm):
    """While one thread waits for the driver, a verb in another is refused, and the first goes on undisturbed."""
    asked, go_on = threading.Event(), threading.Event()

    def handler(operation):
        asked.set()
        assert go_on.wait(10)
        return 7

    orm = make_orm(Person, driver=MockDriver(handler))
    answers = []
    thread = threading.Thread(target=lambda: answers.append(orm.count_models(Person)))
    thread.start()
    try:
        assert asked.wait(10)
        with pytest.raises(ConfigurationError, match="used from two threads at once"):
            orm.count_models(Person)
        assert len(orm.driver.operations) == 1
    finally:
        go_on.set()
        thread.join(10)
    assert answers == [7]
    assert orm.count_models(Person) == 7


def test_one_client_in_two_tasks_is_an_error(make_async_orm):
    """While one task awaits the driver, a verb in another is refused, and the first goes on undisturbed."""

    async def scenario():
        orm = make_async_orm(Person)
        asked, go_on = asyncio.Event(), asyncio.Event()

        async def count(operation):
            asked.set()
            await go_on.wait()
            return 7

        orm.driver.execute_count = count
        first = asyncio.create_task(orm.count_models(Person))
        await asked.wait()
        with pytest.raises(ConfigurationError, match="used by two tasks at once"):
            await orm.all_models(Person)
        go_on.set()
        assert await first == 7
        assert await orm.all_models(Person) == []

    run(scenario())


def test_two_tasks_that_start_together_open_the_driver_once(make_async_orm):
    """However many tasks begin at once, an async driver is opened one time, and all but one task are refused."""

    async def scenario():
        orm = make_async_orm(Person)
        opened = []

        async def open_slowly():
            opened.append("opened")
            await asyncio.sleep(0)

        orm.driver.open = open_slowly
        answers = await asyncio.gather(*[orm.count_models(Person) for _ in range(3)], return_exceptions=True)
        assert opened == ["opened"]
        assert any(answer == 0 for answer in answers)
        assert all(answer == 0 or isinstance(answer, ConfigurationError) for answer in answers)

    run(scenario())


def test_a_verb_that_failed_leaves_the_client_usable(make_awaited, liar):
    """After an error of any kind the client serves the next verb."""

    def broken(driver, honest, operation):
        raise KeyError("bug")

    async def scenario(orm):
        for _ in range(2):
            with pytest.raises(ConfigurationError, match="bug"):
                await orm.count_models(Person)
        with pytest.raises(VerificationError):
            await orm.get_and_verify_exists(Person, id="x")
        assert await orm.all_models(Person) == []

    run(scenario(make_awaited(Person, driver=liar(broken, "count"))))


def test_the_driver_is_at_hand_for_what_no_verb_says(make_orm):
    """`orm.driver` is the driver itself."""
    orm = make_orm(Person)
    assert isinstance(orm.driver, InMemoryDriver)
    orm.create_and_verify(Person, id="a")
    assert orm.driver.rows(Person) == [{"id": "a", "name": "", "age": 0}]
