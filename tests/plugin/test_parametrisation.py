"""A test that takes `orm` becomes one item per backend."""

import pytest

TWO_BACKENDS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite"]

    def get_test_models(self):
        return [User]

    def test_create(self, orm):
        client, backend_name = orm
        assert client is orm
        assert client.is_backend(backend_name)
        orm.create_and_verify(User, **ALICE)
"""


def test_ids_are_the_names_of_the_backends(project):
    """Each backend's item bears its name alone, in the order of the class."""
    result = project.write(TWO_BACKENDS).run("--collect-only", "-q")
    result.stdout.fnmatch_lines(
        [
            "test_it.py::TestUsers::test_create[[]inmemory[]]",
            "test_it.py::TestUsers::test_create[[]sqlite[]]",
        ],
        consecutive=True,
    )


def test_no_conftest_is_needed(project):
    """A class in an empty directory runs on each of its backends."""
    result = project.write(TWO_BACKENDS).run()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["inmemory  1 passed  in * dictionaries of *", "sqlite    1 passed  in *SQLite *"]
    )


def test_a_class_without_backends_runs_in_memory(project):
    """`inmemory` is the default."""
    result = project.write("""
        class TestUsers(MultiBackendTestBase):
            def get_test_models(self):
                return [User]
            def test_create(self, orm):
                orm.create_and_verify(User, **ALICE)
    """).run("-v")
    result.stdout.fnmatch_lines(["*test_create[[]inmemory[]] PASSED*"])


def test_excluded_backends_are_left_out(project):
    """`EXCLUDED_BACKENDS` takes away from what a base class enables."""
    result = project.write(
        TWO_BACKENDS
        + """
class TestFewer(TestUsers):
    EXCLUDED_BACKENDS = ["sqlite"]
    def test_available(self):
        assert self.get_available_backends() == ["inmemory"]
"""
    ).run()
    result.assert_outcomes(passed=4)


def test_plain_functions_run_by_mark(project):
    """A function without a class says its backends and models in a mark, also through `pytestmark`."""
    result = project.write("""
        pytestmark = pytest.mark.orm_backends("inmemory", "sqlite", models=[User])

        def test_plain(orm):
            orm.create_and_verify(User, **ALICE)

        @pytest.mark.orm_backends("inmemory", models=[User])
        def test_nearer_mark(orm):
            orm.create_and_verify(User, **ALICE)
    """).run()
    result.assert_outcomes(passed=3)


def test_other_parametrisation_multiplies(project):
    """`orm` stands beside `parametrize`, parametrised fixtures and other marks."""
    result = project.write("""
        @pytest.fixture(params=["x", "y"])
        def suffix(request):
            return request.param

        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory", "sqlite"]
            def get_test_models(self):
                return [User]
            @pytest.mark.parametrize("age", [1, 2, 3])
            def test_create(self, orm, age, suffix):
                orm.create_and_verify(User, id=suffix, email=suffix, age=age)
    """).run()
    result.assert_outcomes(passed=12)


HAND_MADE = """
    import pytest
    def pytest_generate_tests(metafunc):
        if "orm" in metafunc.fixturenames:
            metafunc.parametrize("orm", metafunc.cls.ENABLED_BACKENDS, indirect=True)
"""


def test_a_project_may_parametrise_by_hand(project):
    """Where a project's own hook parametrises `orm`, ours stands back: no clash, no doubled item."""
    result = project.write(TWO_BACKENDS, conftest=HAND_MADE).run()
    result.assert_outcomes(passed=2)


def test_a_parametrize_mark_on_orm_holds(project):
    """`parametrize("orm", [...], indirect=True)` on a test chooses its backends."""
    result = project.write("""
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory", "sqlite"]
            def get_test_models(self):
                return [User]
            @pytest.mark.parametrize("orm", ["sqlite"], indirect=True)
            def test_create(self, orm):
                assert orm.get_backend_name() == "sqlite"
                orm.create_and_verify(User, **ALICE)
    """).run()
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(("expression", "passed"), [("sqlite", 1), ("not sqlite", 1), ("multi_backend", 2)])
def test_marks_hold_for_items_made_by_hand(project, expression, passed):
    """Marks are told from the item, so `-m` selects hand-made items as well."""
    result = project.write(TWO_BACKENDS, conftest=HAND_MADE).run("-m", expression, "--strict-markers")
    result.assert_outcomes(passed=passed, deselected=2 - passed)


def test_a_project_that_has_an_orm_of_its_own_is_left_alone(project):
    """A fixture named `orm` in a project that does not use the library is not touched."""
    result = project.write(
        """
        class TestTheirs:
            def test_it(self, orm):
                assert orm == "theirs"
        """,
        conftest="""
        import pytest
        @pytest.fixture(params=["a", "b"])
        def orm(request):
            return "theirs"
        """,
    ).run()
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*orm_testing: backends*")


def test_a_fixture_that_hides_ours_is_an_error(project):
    """A conftest fixture named `orm` would leave the class without backends: it is said, with its file."""
    result = project.write(
        TWO_BACKENDS,
        conftest="""
        import pytest
        @pytest.fixture
        def orm():
            return "theirs"
        """,
    ).run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*fixture `orm` of conftest (*conftest.py) hides that of orm_testing. Rename it*"]
    )


def test_a_fixture_that_extends_ours_works(project):
    """A fixture `orm` that takes `orm` is pytest's way to extend it."""
    result = project.write(
        TWO_BACKENDS,
        conftest="""
        import pytest
        @pytest.fixture
        def orm(orm):
            orm.extended = True
            return orm
        """,
    ).run()
    result.assert_outcomes(passed=2)


def test_the_plugin_is_silent_where_it_is_not_used(project):
    """A project without `orm` sees no section of ours and imports no model library."""
    result = project.write(
        other="",
        test_it="""
        import sys
        def test_it():
            assert "pydantic" not in sys.modules and "sqlalchemy" not in sys.modules
            assert not any(name.startswith("orm_testing.dsl") for name in sys.modules)
        """,
    ).run(subprocess=True)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*orm_testing*")
