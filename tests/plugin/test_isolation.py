"""Each test starts clean, whatever happened before; what is costly is loaded once."""

import pytest

BACKENDS = '    ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]\n'
CLASS = f"""
class TestUsers(MultiBackendTestBase):
{BACKENDS}
    def get_test_models(self):
        return [User]
"""


def test_each_test_starts_empty(project):
    """Rows, failed tests and open transactions of one test are gone in the next, in any order."""
    result = project.write(
        CLASS
        + """
    @pytest.mark.parametrize("turn", range(3))
    def test_fails_in_a_transaction(self, orm, turn):
        orm.query_and_verify_count(User, 0)
        orm.create_and_verify(User, **ALICE)
        orm.transaction().__enter__()
        orm.create_and_verify(User, id="u2", email="b")
        raise ValueError
"""
    ).run()
    result.assert_outcomes(failed=9)
    assert result.stdout.str().count("E       ValueError") == 9


def test_models_of_one_name_do_not_meet(project):
    """Two classes with models of one name and different fields run side by side in one run."""
    result = project.write("""
        def case(field):
            class Thing(Model):
                id: str = Field(primary_key=True)
                __annotations__[field] = int
            class TestThing(MultiBackendTestBase):
                ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]
                def get_test_models(self):
                    return [Thing]
                def test_create(self, orm):
                    orm.query_and_verify_count(Thing, 0)
                    orm.create_and_verify(Thing, {"id": "1", field: 3})
            return TestThing
        TestOne, TestTwo = case("one"), case("two")
    """).run()
    result.assert_outcomes(passed=6)


def test_load_runs_once_and_is_put_back_for_each_test(project):
    """`load` runs once per class and backend; each test finds its rows as loaded; other classes do not."""
    result = project.write(
        """
        loads = []
        class TestLoaded(MultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]
            def get_test_models(self):
                return [User]
            def load(self, orm):
                loads.append(orm.get_backend_name())
                orm.create_and_verify(User, **ALICE)
            @pytest.mark.parametrize("turn", range(3))
            def test_starts_loaded(self, orm, turn):
                [user] = orm.query_and_verify_count(User, 1)
                orm.delete_and_verify(user)
                orm.create_and_verify(User, id="u2", email="b")
                orm.reset()
                orm.query_and_verify_count(User, 1, name="Alice")
        class TestEmpty(TestLoaded):
            load = None
            def test_starts_loaded(self, orm):
                orm.query_and_verify_count(User, 0)
        class TestAgain(TestLoaded):
            pass
        def test_loads():
            assert sorted(loads) == sorted(2 * ["inmemory", "sqlite", "sqlite_file"])
        """
    ).run()
    result.assert_outcomes(passed=9 + 3 + 9 + 1)


def test_load_runs_each_time_where_a_driver_cannot_put_back(project):
    """A driver that keeps nothing between tests has the data loaded anew."""
    result = project.write(
        """
        class TestLoaded(MultiBackendTestBase):
            ENABLED_BACKENDS = ["forgets"]
            def get_test_models(self):
                return [User]
            def load(self, orm):
                orm.create_and_verify(User, **ALICE)
            @pytest.mark.parametrize("turn", range(3))
            def test_starts_loaded(self, orm, turn):
                orm.query_and_verify_count(User, 1)
                orm.create_and_verify(User, id="u2", email="b")
        """,
        conftest="""
        from orm_testing import *
        class Forgets(InMemoryDriver):
            def mark(self):
                return False
        register_backend("forgets", Forgets)
        """,
    ).run()
    result.assert_outcomes(passed=3)


def test_a_project_may_bring_its_own_schema(project):
    """`prepare_schema` makes the schema, once for all tests of the class; its own tables are emptied too."""
    result = project.write("""
        made = []
        class TestMigrated(MultiBackendTestBase):
            ENABLED_BACKENDS = ["sqlite", "sqlite_file"]
            def get_test_models(self):
                return [User]
            def prepare_schema(self, store):
                made.append(store.url)
                connection = store.connect()
                connection.execute(
                    'CREATE TABLE "User" (id TEXT PRIMARY KEY, email TEXT UNIQUE, name TEXT, age INTEGER CHECK (age < 99),'
                    ' created_at TIMESTAMP)')
                connection.execute('CREATE TABLE audit (what TEXT)')
                connection.close()
            @pytest.mark.parametrize("turn", range(3))
            def test_create(self, orm, turn):
                connection = orm.driver.store.connect()
                assert connection.execute("SELECT count(*) FROM audit").fetchone() == (0,)
                connection.execute("INSERT INTO audit VALUES ('x')")
                connection.close()
                orm.create_and_verify(User, **ALICE)
                orm.expect_create_failure(User, CheckError, id="u2", email="b", age=99)
        def test_once():
            assert len(made) == len(set(made)) == 2
    """).run()
    result.assert_outcomes(passed=7)


def test_rows_that_a_projects_schema_brings_are_there_for_each_test(project):
    """What migrations insert is part of the schema: every test starts with it, whatever the last one did."""
    result = project.write("""
        class TestSeeded(MultiBackendTestBase):
            ENABLED_BACKENDS = ["sqlite", "sqlite_file"]
            def get_test_models(self):
                return [User]
            def prepare_schema(self, store):
                connection = store.connect()
                connection.execute(
                    'CREATE TABLE "User" (id TEXT PRIMARY KEY, email TEXT, name TEXT, age INTEGER, created_at TIMESTAMP)')
                connection.execute("INSERT INTO User VALUES ('admin', 'a', 'Admin', 1, NULL)")
                connection.close()
            @pytest.mark.parametrize("turn", range(3))
            def test_seeded(self, orm, turn):
                [admin] = orm.query_and_verify_count(User, 1)
                orm.delete_and_verify(admin)
                orm.create_and_verify(User, **ALICE)
    """).run("--orm-check-leaks")
    result.assert_outcomes(passed=6)


def test_a_schema_that_a_test_changed_is_restored(project):
    """A test that drops or adds a table leaves nothing of that to the next."""
    result = project.write("""
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["sqlite", "sqlite_file"]
            def get_test_models(self):
                return [User]
            @pytest.mark.parametrize("turn", range(3))
            def test_drop(self, orm, turn):
                orm.create_and_verify(User, **ALICE)
                connection = orm.driver.store.connect()
                connection.execute('CREATE TABLE extra (x)')
                connection.execute('DROP TABLE "User"')
                connection.close()
    """).run()
    result.assert_outcomes(passed=6)


LIFE = """
    from orm_testing import *
    events = []
    class Told(InMemoryDriver):
        def open(self): events.append("open")
        def prepare(self, models):
            events.append("prepare")
            super().prepare(models)
        def reset(self):
            events.append("reset")
            super().reset()
        def close(self): print("life:", *events, "close")
    register_backend("told", Told)
    class Short(DriverInterface):
        def open(self): self.rows_ = {}; events.append("open")
        def execute_create(self, operation):
            user = self.rows_[operation.data["id"]] = operation.model_class(**operation.data)
            return user
        def execute_query(self, operation):
            return [row for key, row in self.rows_.items() if operation.filters.get("id", key) == key]
        def close(self): events.append("close")
    register_backend("short", Short)
"""
TWICE = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["told"]
    def get_test_models(self):
        return [User]
    def test_one(self, orm):
        orm.create_and_verify(User, **ALICE)
    def test_two(self, orm):
        orm.create_and_verify(User, **ALICE)
"""


def test_a_driver_lives_for_the_run(project):
    """Opened and prepared once, reset before each test, closed at the end."""
    result = project.write(TWICE, conftest=LIFE).run("-s")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*life: open prepare reset reset close"])


def test_a_driver_without_reset_is_made_anew(project):
    """A driver that neither has a store nor writes `reset` serves one test, and is closed after it."""
    result = project.write(
        TWICE.replace("told", "short")
        + "def test_events():\n    from conftest import events\n    assert events == 2 * ['open', 'close']\n",
        conftest=LIFE,
    ).run()
    result.assert_outcomes(passed=3)


def test_a_reset_that_does_nothing_is_found(project):
    """The first reset that has something to remove is seen to remove it."""
    result = project.write(
        TWICE,
        conftest="""
        from orm_testing import *
        class Lazy(InMemoryDriver):
            def reset(self):
                pass
        register_backend("told", Lazy)
        """,
    ).run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*DriverContractError: Lazy.reset does not empty the store: 1 of User in the store: *"]
    )


def test_many_sets_of_models_keep_few_drivers_open(project):
    """The least recently used drivers are closed when a run has more sets of models than a worker keeps."""
    result = project.write(
        """
        def case(number):
            class TestOne(MultiBackendTestBase):
                ENABLED_BACKENDS = ["counted"]
                def get_test_models(self):
                    return [type("M", (Model,), {"__annotations__": {"id": int}, "id": Field(primary_key=True)})]
                def test_it(self, orm):
                    orm.reset()
            return TestOne
        for number in range(40):
            globals()[f"Test{number}"] = case(number)
        """,
        conftest="""
        from orm_testing import *
        alive = []
        class Counted(InMemoryDriver):
            def open(self):
                alive.append(self)
                assert len(alive) <= 33
            def close(self):
                alive.remove(self)
        register_backend("counted", Counted)
        def pytest_unconfigure():
            assert not alive
        """,
    ).run()
    result.assert_outcomes(passed=40)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("User.changed = 1", "the class User was changed: changed"),
        ("self.kept.append(orm.driver.store.connect())", "*connection*"),
        ("orm.transaction().__enter__()", "*transaction*"),
    ],
)
def test_leaks_are_found_on_request(project, body, found):
    """`--orm-check-leaks` fails a test that leaves a changed model, a connection or a transaction behind."""
    leaking = project.write(
        f"class TestUsers(MultiBackendTestBase):\n    ENABLED_BACKENDS = ['sqlite']\n    kept = []\n"
        f"    def get_test_models(self):\n        return [User]\n"
        f"    def test_leak(self, orm):\n        orm.create_and_verify(User, **ALICE)\n        {body}\n"
        f"    @classmethod\n    def teardown_class(cls):\n        for connection in cls.kept:\n            connection.close()\n"
        f"    def test_clean(self, orm):\n        orm.create_and_verify(User, **ALICE)\n"
    )
    leaking.run().assert_outcomes(passed=2)
    result = leaking.run("--orm-check-leaks", "-k", "leak")
    result.assert_outcomes(passed=1, errors=1, deselected=1)
    result.stdout.fnmatch_lines([f"the test left behind on sqlite: {found}"])
    leaking.run("--orm-check-leaks", "-k", "clean").assert_outcomes(passed=1, deselected=1)


def test_rows_that_survive_a_reset_are_a_leak(project):
    """A driver whose reset misses a row is found by the leak check at the test that wrote it."""
    result = project.write(
        TWICE,
        conftest="""
        from orm_testing import *
        class Misses(InMemoryDriver):
            def reset(self):
                kept = {model: table.snapshot() for model, table in self.tables.items()}
                super().reset()
                for model, state in kept.items():
                    self.tables[model].restore(state)
        register_backend("told", Misses)
        """,
    ).run("--orm-check-leaks")
    result.stdout.fnmatch_lines(["the test left behind on told: 1 of User in the store: *"])


def test_leaks_are_judged_when_fixtures_are_done(project):
    """A fixture may still use its rows, and close its connection, after the test."""
    project.write("""
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["sqlite"]
            def get_test_models(self):
                return [User]
            @pytest.fixture
            def alice(self, orm):
                connection = orm.driver.store.connect()
                alice = orm.create_and_verify(User, **ALICE)
                yield alice
                orm.delete_and_verify(alice)
                connection.close()
            def test_it(self, orm, alice):
                orm.update_and_verify(alice, age=3)
    """).run("--orm-check-leaks").assert_outcomes(passed=1)


def test_an_open_transaction_in_memory_is_a_leak(project):
    """The in-memory driver tells of a transaction that a test left open, as SQLite does."""
    result = project.write(
        TWICE.replace("told", "inmemory").replace(
            "def test_one(self, orm):", "def test_one(self, orm):\n        orm.transaction().__enter__()"
        )
    ).run("--orm-check-leaks")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["the test left behind on inmemory: 1 transaction was left open"])


def test_a_driver_that_takes_the_name_store_is_told(project):
    """`store` is where the library puts an opened store; a driver that uses the name for itself is refused."""
    result = project.write(
        TWICE,
        conftest="""
        from orm_testing import *
        class Takes(InMemoryDriver):
            store = {}
        register_backend("told", Takes)
        """,
    ).run()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*Takes.store is where the library puts an opened store*"])


def test_reset_without_a_reset_is_an_error(project):
    """`orm.reset()` on a driver that cannot reset says so; it does not do nothing."""
    result = project.write(
        TWICE.replace("told", "short").replace("**ALICE)", "**ALICE)\n        orm.reset()"), conftest=LIFE
    ).run()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*ConfigurationError: Short writes no `reset`*"])
