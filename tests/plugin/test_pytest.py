"""The plugin among pytest's own features and other plugins."""

CLASS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]

    def get_test_models(self):
        return [User]

    def test_create(self, orm):
        orm.create_and_verify(User, **ALICE)

    def test_fails_on_one(self, orm):
        orm.create_and_verify(User, **ALICE)
        assert not orm.is_backend("sqlite")
"""


def test_xdist_adds_up_the_accounts_of_its_workers(project):
    """The summary of a distributed run is that of a plain one."""
    result = project.write(CLASS).run("-n", "2", subprocess=True)
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(
        [
            "inmemory     2 passed  in*dictionaries of*",
            "sqlite       1 passed, 1 failed  in*SQLite*",
            "sqlite_file  2 passed  in*",
        ]
    )


def test_a_required_backend_is_looked_for_across_workers(project):
    """With xdist, what a worker ran counts; what none ran is a failure of the run."""
    alone = project.write(CLASS.replace('"sqlite", "sqlite_file"', '"sqlite"'))
    result = alone.run("-n", "2", "--orm-require", "sqlite_file,inmemory", subprocess=True)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["ERROR the backend 'sqlite_file' is required, and no test ran on it"])
    result.stdout.no_fnmatch_line("ERROR the backend 'inmemory'*")


def test_last_failed_runs_the_failing_backend_alone(project):
    """`--lf` selects the item that failed, by its backend."""
    project.write(CLASS)
    unneeded = ("-p", "no:asyncio", "-p", "no:faker", "-p", "no:hypothesispytest")
    project.pytester.runpytest_inprocess(*unneeded).assert_outcomes(passed=5, failed=1)
    result = project.pytester.runpytest_inprocess("--lf", "-v", *unneeded)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_fails_on_one[[]sqlite[]] FAILED*"])


def test_ids_and_locations_point_at_the_users_test(project):
    """What an IDE reads of an item is the line of the test in the user's own file."""
    project.write(CLASS)
    items, _ = project.pytester.inline_genitems("-p", "no:asyncio")
    source = (project.pytester.path / "test_it.py").read_text().splitlines()
    for item in items:
        path, line, name = item.location
        assert path == "test_it.py"
        assert source[line].strip().startswith(f"def {item.originalname}(")
        assert name == f"TestUsers.{item.name}"


def test_a_node_id_runs_one_backend(project):
    """An item can be run by its id."""
    result = project.write(CLASS).run("test_it.py::TestUsers::test_create[sqlite_file]")
    result.assert_outcomes(passed=1)


def test_classes_that_inherit_tests_run_them_again(project):
    """A class of tests may be derived from, with other backends."""
    result = project.write(
        CLASS + "\nclass TestAgain(TestUsers):\n    ENABLED_BACKENDS = ['inmemory']\n"
    ).run()
    result.assert_outcomes(passed=7, failed=1)


def test_setup_methods_and_class_fixtures_work(project):
    """pytest's own ways of setting up stand beside `orm`."""
    result = project.write("""
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory", "sqlite"]
            def get_test_models(self):
                return [self.model]
            def setup_method(self):
                self.model = User
            @pytest.fixture
            def alice(self, orm):
                yield orm.create_and_verify(User, **ALICE)
                orm.query_and_verify_count(User, 0)
            def test_delete(self, orm, alice):
                orm.delete_and_verify(alice)
    """).run()
    result.assert_outcomes(passed=2)


def test_the_marks_are_registered(project):
    """`pytest --markers` explains the marks of the library."""
    result = project.write(CLASS).run("--markers")
    result.stdout.fnmatch_lines(
        ["@pytest.mark.orm_backends(*", "@pytest.mark.orm_skip(*", "@pytest.mark.orm_requires(*"]
    )


def test_a_run_without_tests_has_no_section(project):
    """Collecting alone says nothing of backends."""
    result = project.write(CLASS).run("--collect-only")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*orm_testing: backends*")


def test_what_a_test_did_is_let_go_of(project):
    """The operations of a test and their results, however large, do not stay until the end of the run."""
    told = """
    import gc, weakref

    KEPT = []

    @pytest.mark.orm_backends("inmemory", models=[User])
    @pytest.mark.parametrize("number", range(3))
    def test_create(orm, number):
        gc.collect()
        assert [kept() for kept in KEPT] == [None] * number
        orm.create_and_verify(User, **ALICE)
        KEPT.append(weakref.ref(orm.context))
    """
    project.write(told).run().assert_outcomes(passed=3)
