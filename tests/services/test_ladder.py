"""The ways of getting a server: their order, what the user chooses, and what is said where none applies."""

import pytest
from fake_projects import CONFTEST, TESTS
from fake_service import FakeProduct

from orm_testing import ConfigurationError
from orm_testing.services import ladder
from orm_testing.services.ladder import Choice
from orm_testing.services.product import Installation


@pytest.fixture
def nothing(monkeypatch):
    """A machine that has no local server."""
    monkeypatch.setenv("FAKE_LOCAL", "absent")


class Wheeled(FakeProduct):
    def find_wheel(self):
        return Installation({}, "2.0")


def test_the_first_way_that_applies_is_taken(nothing):
    """Local binaries come before those of a wheel; a way that does not apply is passed over."""
    assert ladder.first(Wheeled(), None).way == "wheel"


def test_local_comes_before_the_wheel():
    """Where both apply, the machine's own server is taken."""
    assert ladder.first(Wheeled(), None).way == "local"


def test_where_no_way_applies_each_is_named(nothing, product):
    """The reason says of each way, in order, why it does not apply."""
    told = ladder.first(product, None)
    assert told.startswith(
        "Fake: given: ORM_TESTING_FAKE_URL is not set; local: fake-server is not on PATH; wheel: no Python package brings"
        " Fake; container: "
    )


def test_a_chosen_way_is_the_only_one(product):
    """A way that was chosen is taken before others that would apply."""
    assert ladder.first(Wheeled(), Choice("wheel", "--orm-service")).way == "wheel"


def test_a_chosen_way_that_does_not_apply_is_an_error(product):
    """What was asked for by name is never silently replaced, nor skipped."""
    with pytest.raises(ConfigurationError) as caught:
        ladder.first(product, Choice("wheel", "--orm-service"))
    assert (
        str(caught.value) == "fake=wheel (--orm-service) cannot be had: wheel: no Python package brings Fake."
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("fake", "write NAME=local|wheel|container|stand-in|URL, not 'fake'"),
        ("=local", "write NAME="),
        ("fake=", "write NAME="),
        ("fakee=local", "'fakee' is not a service. Did you mean 'fake'? Known are: fake."),
        (
            "fake=locale",
            "'locale' is neither a way of getting Fake (local, wheel, container, stand-in) nor a URL that begins with",
        ),
        ("fake=locale", "Did you mean 'local'?"),
        (
            "fake=mysql://root:secret@h/",
            "mysql://root:***@h/ is not a URL of Fake, which would begin with fake://",
        ),
    ],
)
def test_what_cannot_be_meant_is_an_error(product, value, told):
    """Unknown services, ways that are none and URLs of other products are told with their source."""
    with pytest.raises(ConfigurationError) as caught:
        ladder.check(ladder.parsed([value], "--orm-service"), {"fake": product})
    assert str(caught.value).startswith("--orm-service: ")
    assert told in str(caught.value)


@pytest.mark.parametrize("url", ["fake://h/", "FAKES://h", "fake+driver://h/x"])
def test_schemes_of_the_product_are_its_own(product, url):
    """Any scheme of the product will do, with or without a driver's name."""
    assert ladder.first(product, Choice(url, "here")).way == "given"


def test_what_is_said_last_is_heard(served, monkeypatch):
    """The command line is heard before the environment, and that before the ini file."""
    served.pytester.makeini("[pytest]\norm_services = fake=fake://root:x@127.0.0.1:1/\n")
    result = served.run()
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(
        ["*fake, given by orm_services in the ini file as fake://root:***@127.0.0.1:1/: *"]
    )
    monkeypatch.setenv("ORM_TESTING_FAKE_URL", "fake://root:x@127.0.0.1:2/")
    result = served.run()
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(["*fake, given by ORM_TESTING_FAKE_URL as fake://root:***@127.0.0.1:2/: *"])
    served.run("--orm-service", "fake=local").assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--orm-service", "fakee=local"],
            "ERROR: --orm-service: 'fakee' is not a service. Did you mean 'fake'? *",
        ),
        (
            ["--orm-service-timeout", "soon"],
            "ERROR: --orm-service-timeout: 'soon' is not a number of seconds.",
        ),
        (["--orm-service-timeout", "-1"], "ERROR: --orm-service-timeout: '-1' is not a number of seconds."),
    ],
)
def test_wrong_options_stop_the_run(served, arguments, told):
    """An option that names no service, or no number of seconds, stops the run before a test."""
    result = served.run(*arguments)
    result.stderr.fnmatch_lines([told])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_unavailable_is_skipped_and_counted(served, nothing):
    """Where no way applies the tests are unavailable, with the reasons; required, they fail."""
    result = served.run("-rs")
    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(
        ["fake  4 unavailable  in *", "fake: unavailable: Fake: given: ORM_TESTING_FAKE_URL is not set;*"]
    )
    result = served.run("--orm-require", "fake")
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(["the backend 'fake' is required and cannot be had: Fake: given: *"])


def test_a_way_that_fails_is_an_error(served, monkeypatch):
    """A server that does not start makes errors, with its log told once."""
    monkeypatch.setenv("FAKE_LOCAL", "die")
    result = served.run()
    result.assert_outcomes(errors=4)
    told = result.stdout.str().partition("short test summary")[0]  # which repeats it in CI
    assert told.count("    line 59") == 1
    assert (
        told.count("fake (local): Fake ended with exit code 3 before it answered. (as with an earlier test;")
        == 3
    )
    assert "Traceback" not in told
    assert ".py:" not in told.partition("= ERRORS =")[2].partition("orm_testing: backends")[0]


def test_items_that_need_a_server_are_marked(served, monkeypatch):
    """`external_services` and aliases select; without servers and their libraries `-m "not external_services"` runs."""
    served.write(
        TESTS.replace('["fake"]', '["fake", "inmemory", "missing", "on_fake"]'),
        conftest=CONFTEST
        + """
registry.register("missing", Backend(driver="no_such_library:Driver", service="no_such_library:Product"))
registry.register("on_fake", Backend(driver=FakeDriver, store="fake"))
""",
    )
    monkeypatch.setenv("FAKE_LOCAL", "absent")
    served.run("-m", "not external_services", "--strict-markers").assert_outcomes(passed=4, deselected=12)
    served.run("-m", "fakesql").assert_outcomes(skipped=4, deselected=12)
    served.run("-m", "external_services and on_fake").assert_outcomes(skipped=4, deselected=12)
    result = served.run("-m", "missing")
    result.assert_outcomes(errors=4, deselected=12)
    result.stdout.fnmatch_lines(["*the backend 'missing' needs the module 'no_such_library'*"])


def test_a_missing_library_is_told_in_a_line(served):
    """What to install is said to the first test, without a traceback, and that it is missing to the others."""
    served.write(
        TESTS.replace('"fake"', '"missing"'),
        conftest="""
        from orm_testing.backends import Backend, registry
        registry.register("missing", Backend(driver="no_such_library:Driver", extra="shiny"))
        """,
    )
    result = served.run()
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(
        ["*'no_such_library', which is not installed: pip install 'orm-testing[[]shiny]'"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*import_module*")


def test_a_chosen_service_whose_library_is_missing_says_what_to_install(served):
    """A service that is chosen is not said to be unknown where its library is missing."""
    served.write(
        TESTS,
        conftest=CONFTEST
        + """
from orm_testing.backends import Backend, registry
registry.register("missing", Backend(service="no_such_library:Product", extra="shiny"))
""",
    )
    result = served.run("--orm-service", "missing=local")
    result.stderr.fnmatch_lines(
        ["ERROR: *'no_such_library', which is not installed: pip install 'orm-testing[[]shiny]'"]
    )
    served.run().assert_outcomes(passed=4)


def test_a_requirement_on_a_missing_library_does_not_break_collection(served):
    """`@requires` on a backend whose library is not installed is decided where the test would need it."""
    served.write(
        TESTS.replace("    @pytest", '    @requires("transactions")\n    @pytest').replace(
            '"fake"', '"missing", "inmemory"'
        ),
        conftest="""
        from orm_testing.backends import Backend, registry
        registry.register("missing", Backend(driver="no_such_library:Driver"))
        """,
    )
    served.run("-m", "inmemory").assert_outcomes(passed=4, deselected=4)
    served.run("-m", "missing").assert_outcomes(errors=4, deselected=4)


def test_the_wait_is_bounded_by_the_option(served, monkeypatch):
    """`--orm-service-timeout` bounds how long a start is awaited, on the command line or in the ini file."""
    monkeypatch.setenv("FAKE_LOCAL", "mute")
    result = served.run("--orm-service-timeout", "0.3")
    result.stdout.fnmatch_lines(["*did not answer within 0.3 s (--orm-service-timeout)*"])
    served.pytester.makeini("[pytest]\norm_service_timeout = 0.2\n")
    result = served.run()
    result.stdout.fnmatch_lines(["*did not answer within 0.2 s (--orm-service-timeout)*"])
