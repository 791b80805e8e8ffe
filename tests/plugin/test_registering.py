"""The ways in which a backend becomes known."""

import pytest

from orm_testing import ConfigurationError, InMemoryDriver, register_backend
from orm_testing.backends import (
    SERVES_ASYNC,
    Backend,
    Registry,
    driver_class,
    make_driver,
    make_fitting_driver,
    registry,
)

CLASS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "mine"]
    def get_test_models(self):
        return [User]
    def test_create(self, orm):
        orm.create_and_verify(User, **ALICE)
        assert orm.is_backend(orm.get_backend_name())
        assert type(orm.driver).__name__ == {"mine": "Mine", "inmemory": "InMemoryDriver"}[orm.get_backend_name()]
"""
MINE = """
    from orm_testing import *
    class Mine(InMemoryDriver):
        pass
"""


@pytest.fixture(autouse=True)
def clean_registry():
    before = registry.snapshot()
    yield
    registry.restore(before)


@pytest.mark.parametrize(
    "replacement",
    [
        """
    original = MultiBackendTestBase.create_driver
    def create_driver(backend_name):
        return Mine() if backend_name == "mine" else original(backend_name)
    MultiBackendTestBase.create_driver = create_driver
    """,
        """
    original = MultiBackendTestBase.create_driver
    @classmethod
    def create_driver(cls, backend_name):
        return Mine() if backend_name == "mine" else original(backend_name)
    MultiBackendTestBase.create_driver = create_driver
    """,
        """
    original = MultiBackendTestBase.create_driver
    MultiBackendTestBase.create_driver = staticmethod(
        lambda name: Mine() if name == "mine" else original(name))
    """,
        """
    original = MultiBackendTestBase.create_driver
    def create_driver(cls, backend_name):
        return Mine() if backend_name == "mine" else original(backend_name)
    MultiBackendTestBase.create_driver = classmethod(create_driver)
    """,
    ],
    ids=["function", "classmethod", "staticmethod", "wrapped"],
)
def test_a_conftest_may_replace_create_driver(project, replacement):
    """Assigned to the base class, a function that knows its own name and calls the original serves every class."""
    result = project.write(CLASS, conftest=MINE + replacement).run(subprocess=True)
    result.assert_outcomes(passed=2)


def test_a_name_that_a_replaced_create_driver_does_not_know_is_its_own_error(project):
    """With `create_driver` replaced, an unknown name is decided at set-up, and the original says what is known."""
    result = project.write(
        CLASS.replace('"mine"', '"mien"'),
        conftest=MINE
        + """
    original = MultiBackendTestBase.create_driver
    MultiBackendTestBase.create_driver = lambda name: Mine() if name == "mine" else original(name)
    """,
    ).run(subprocess=True)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ConfigurationError: 'mien' is not a backend.*"])


def test_register_backend_in_a_conftest(project):
    """`register_backend` makes a name known for the run, options and all."""
    result = project.write(
        CLASS,
        conftest="""
        from orm_testing import *
        class Mine(InMemoryDriver):
            def __init__(self, colour):
                assert colour == "red"
        register_backend("mine", Mine, colour="red")
        """,
    ).run()
    result.assert_outcomes(passed=2)


def test_what_a_run_registered_ends_with_it(project):
    """Two runs in one process do not see each other's backends."""
    project.write(CLASS, conftest=MINE + "    register_backend('mine', Mine)\n").run().assert_outcomes(
        passed=2
    )
    assert not registry.knows("mine")


def test_two_plugins_register_side_by_side(project):
    """Plugins that each register a backend, or each replace `create_driver`, do not disturb each other."""
    plugin = """
        from orm_testing import *
        class {name}(InMemoryDriver):
            pass
        register_backend("{lower}_registered", {name})
        original = MultiBackendTestBase.create_driver
        MultiBackendTestBase.create_driver = lambda name: {name}() if name == "{lower}" else original(name)
    """
    result = project.write(
        """
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["one", "two", "one_registered", "two_registered", "inmemory"]
            def get_test_models(self):
                return [User]
            def test_create(self, orm):
                orm.create_and_verify(User, **ALICE)
                assert orm.is_backend("inmemory") or type(orm.driver).__name__.lower() in orm.get_backend_name()
        """,
        plugin_one=plugin.format(name="One", lower="one"),
        plugin_two=plugin.format(name="Two", lower="two"),
    ).run("-p", "plugin_one", "-p", "plugin_two", subprocess=True)
    result.assert_outcomes(passed=5)


def test_a_nested_conftest_may_register(project):
    """A backend that a conftest of a folder registers is known to the tests below it, and to the command line."""
    project.write(CLASS, conftest="")
    folder = project.pytester.mkdir("below")
    project.pytester.path.joinpath("test_it.py").rename(folder / "test_it.py")
    folder.joinpath("conftest.py").write_text(
        "from orm_testing import *\nclass Mine(InMemoryDriver):\n    pass\nregister_backend('mine', Mine)\n"
    )
    project.run("--orm-backend", "mine").assert_outcomes(passed=1, deselected=1)


def test_inheritance_changes_what_differs():
    """An heir has its parent's driver and options, less what it names itself; its aliases are its own."""
    known = Registry()
    known.register(
        "parent",
        Backend(driver="a:B", store="c:D", aliases=("old",), extra="x", options={"one": 1, "two": 2}),
    )
    known.register("heir", Backend(inherits="parent", aliases=("new",), options={"two": 3}))
    known.register("other", Backend(inherits="heir", driver="e:F"))
    assert known.find("heir") == Backend("a:B", None, "c:D", ("new",), "x", None, {"one": 1, "two": 3})
    assert known.find("other").driver == "e:F"
    assert known.find("other").store == "c:D"


def test_an_heir_of_sqlite_works_on_a_store_of_its_own(project):
    """`inherits="sqlite"` is a backend of its own, with its own name in items and marks."""
    result = project.write(
        """
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["heir"]
            def get_test_models(self):
                return [User]
            def test_create(self, orm):
                orm.create_and_verify(User, **ALICE)
        """,
        conftest="from orm_testing import register_backend\nregister_backend('heir', inherits='sqlite')\n",
    ).run("-m", "heir")
    result.assert_outcomes(passed=1)


def test_anybodys_driver_works_on_our_store(project):
    """`store="sqlite"` hands a driver an opened store, whose own backdoor catches what the driver does not store."""
    result = project.write(
        """
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["honest", "forgetful"]
            def get_test_models(self):
                return [User]
            def test_create(self, orm):
                orm.create_and_verify(User, **ALICE)
        """,
        conftest="""
        from orm_testing import *
        class Raw(DriverInterface):
            def execute_create(self, operation):
                user = operation.model_class(**operation.data)
                connection = self.store.connect()
                connection.execute(
                    'INSERT INTO "User" (id, email, name, age) VALUES (?, ?, ?, ?)',
                    (user.id, user.email, user.name, user.age))
                connection.close()
                return user
        class Forgetful(DriverInterface):
            def execute_create(self, operation):
                return operation.model_class(**operation.data)
        register_backend("honest", Raw, store="sqlite")
        register_backend("forgetful", Forgetful, store="sqlite")
        """,
    ).run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*create_and_verify User*on forgetful: the row was returned, and is not in the store"]
    )


@pytest.mark.parametrize("name", ["Upper", "with space", "1st", ""])
def test_a_name_must_be_a_mark(name):
    """A backend's name becomes a mark, so it is lower-case letters, digits and underscores."""
    with pytest.raises(ConfigurationError, match="cannot name a backend"):
        register_backend(name, InMemoryDriver)


def test_registering_twice_is_an_error_unless_it_is_the_same():
    """One name is one backend; the same conftest loaded twice is harmless."""
    register_backend("twice", InMemoryDriver)
    register_backend("twice", InMemoryDriver)
    with pytest.raises(ConfigurationError, match="registered twice"):
        register_backend("twice", InMemoryDriver, aliases=["x"])
    with pytest.raises(ConfigurationError, match="installed already"):
        register_backend("inmemory", InMemoryDriver)


def test_registering_nothing_is_an_error():
    """A backend without a driver, and without one to inherit from, says so."""
    with pytest.raises(ConfigurationError, match="neither a driver nor a backend to inherit from"):
        register_backend("empty")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            "no_such_library:Driver",
            r"needs the module 'no_such_library', which is not installed: pip install 'orm-testing\[shiny\]'",
        ),
        ("orm_testing.inmemory:NoSuchDriver", "has no NoSuchDriver"),
    ],
)
def test_a_missing_extra_says_what_to_install(target, message):
    """A backend whose client library is not installed names the extra that brings it."""
    register_backend("shiny", target, extra="shiny")
    with pytest.raises(ConfigurationError, match=message):
        driver_class("shiny")


def test_a_library_that_is_there_and_does_not_work_is_told(tmp_path, monkeypatch):
    """A client library whose own parts are missing, as psycopg's can be, leads to its extra as well."""
    (tmp_path / "half_a_library.py").write_text("raise ImportError('no pq wrapper\\navailable')")
    monkeypatch.syspath_prepend(tmp_path)
    register_backend("half", "half_a_library:Driver", extra="whole")
    with pytest.raises(ConfigurationError) as caught:
        driver_class("half")
    assert str(caught.value) == (
        "the backend 'half' cannot be imported; pip install 'orm-testing[whole]' brings what it needs: no pq wrapper available"
    )


def test_a_backend_without_a_sync_driver_says_so():
    """A backend that is async only cannot make a sync driver."""
    register_backend("awaited", async_driver="orm_testing.inmemory:InMemoryDriver")
    with pytest.raises(
        ConfigurationError, match="'awaited' has an async driver alone: derive the class from AsyncM"
    ):
        make_driver("awaited")


def test_an_entry_point_may_name_a_driver_class():
    """`inmemory` is found as a stranger's driver is: by its entry point, which names the class itself."""
    assert registry.find("inmemory").driver is InMemoryDriver
    assert registry.names() == sorted(registry.names())
    assert {"inmemory", "sqlite", "sqlite_file"} <= set(registry.names())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inherits": "loop"}, "'loop' inherits from itself"),
        ({"driver": InMemoryDriver, "aliases": "sql"}, "aliases is a list of names, not 'sql'"),
        ({"driver": InMemoryDriver, "store": "circle"}, "cannot take its store from itself"),
    ],
)
def test_a_registration_in_a_circle_is_refused(options, message):
    """A backend that inherits from itself, or takes its store from itself, has nothing to begin with."""
    with pytest.raises(ConfigurationError, match=message):
        register_backend("circle" if "store" in options else "loop", **options)
        registry.find("loop")


def test_the_fitting_driver_is_made_for_async_tests():
    """What `create_driver` makes by itself suits the tests that it is for."""
    assert type(make_fitting_driver("sqlite")).__name__ == "SqliteDriver"
    token = SERVES_ASYNC.set(True)
    try:
        assert type(make_fitting_driver("sqlite")).__name__ == "AsyncSqliteDriver"
        assert type(make_fitting_driver("inmemory")) is InMemoryDriver
    finally:
        SERVES_ASYNC.reset(token)
