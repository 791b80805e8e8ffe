"""A real server that dies in mid-test: the test is told, and the next one works on another."""

import pytest

from orm_testing.backends import product_of

TEST = """
    import glob, os, signal, tempfile, time
    from orm_testing import UnavailableError

    class TestIt(MultiBackendTestBase):
        ENABLED_BACKENDS = ["{backend}"]

        def get_test_models(self):
            return [User]

        def test_1_death(self, orm):
            orm.create_and_verify(User, **ALICE)
            [noted] = glob.glob(tempfile.gettempdir() + "/orm_testing-*/runs/*/{backend}/pid")
            server = int(open(noted).read())
            os.kill(server, signal.SIGKILL)
            patience = time.monotonic() + 20
            while (result := orm.get_model(User, id="u1")).success and time.monotonic() < patience:
                assert result.data.name == "Alice"  # a process of the server's may live on for a moment
            assert type(result.error) is UnavailableError, repr(result)

        def test_2_works_again(self, orm):
            orm.create_and_verify(User, **ALICE)
            orm.query_and_verify_count(User, 1)
    """


@pytest.mark.parametrize("backend", ["postgres", "mysql"])
def test_what_a_dead_server_cannot_answer_is_unavailable(project, temporary, backend):
    """It is never taken for an absent row; and the test after it finds a server that was started anew."""
    if isinstance(reason := product_of(backend).find_local(), str):
        pytest.skip(reason)
    run = project.write(TEST.format(backend=backend)).run(f"--orm-service={backend}=local", subprocess=True)
    run.assert_outcomes(passed=2)
    assert not list(temporary.glob("orm_testing-*/runs/*"))
