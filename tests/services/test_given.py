"""A server that the user gives is used, never stopped, and left as it was found."""

import shutil
import socket
import threading

import pytest
from fake_projects import CONFTEST, left_running
from fake_service import said
from filelock import FileLock, Timeout

from orm_testing import ConfigurationError
from orm_testing.services import runs, state
from orm_testing.services.ladder import Choice
from orm_testing.services.urls import masked, scrubbed


@pytest.fixture
def url(servers, product):
    """The URL of a server that somebody else runs; it holds two databases of theirs."""
    theirs = servers(run="ffffff", checkout="/elsewhere").server(product).url
    said(theirs, "create users")
    said(theirs, "create orders")
    return theirs


def given(url, **others):
    return {"choices": {"fake": Choice(url, "ORM_TESTING_FAKE_URL")}} | others


def test_a_given_server_is_left_as_it_was(served, url, temporary, monkeypatch):
    """A run works in databases of its own on a given server, which goes on with what was there before, and no more."""
    monkeypatch.setenv("ORM_TESTING_FAKE_URL", url)
    before = left_running(temporary)
    result = served.run()
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["fake: given, Fake 1.0, at fake://root:*@127.0.0.1:*/"])
    assert url not in result.stdout.str()
    assert left_running(temporary) == before
    assert said(url, "list") == "orders users"


def test_what_a_run_could_not_drop_a_later_one_drops(servers, product, url):
    """Databases of a run that was killed are dropped by the next that is given the same server; nobody else's are."""
    killed = servers(run="dddddd", **given(url)).server(product)
    alive = servers(run="cccccc", **given(url)).server(product)
    for server in (killed, alive):
        server.made(f"{server.prefix}_1")
        said(url, f"create {server.prefix}_1")
    shutil.rmtree(runs.directory("dddddd"))
    servers(run="bbbbbb", **given(url)).server(product)
    assert said(url, "list") == f"orders {alive.prefix}_1 users"


def test_what_a_store_left_is_dropped_at_the_end(servers, product, url):
    """A process that leaves drops what its stores noted and did not drop."""
    mine = servers(**given(url))
    server = mine.server(product)
    server.made(f"{server.prefix}_1")
    said(url, f"create {server.prefix}_1")
    assert mine.leave() == []
    assert said(url, "list") == "orders users"


def test_a_journal_that_names_what_is_not_ours_drops_nothing(servers, product, url):
    """Whatever stands in a journal, half a name that a crash cut off or another's, only what bears our prefix is dropped."""
    mine = servers(**given(url))
    server = mine.server(product)
    for name in ("users", "orm", "orders"):
        server.made(name)
    assert mine.leave() == []
    assert said(url, "list") == "orders users"


def test_runs_are_looked_at_while_none_begins(servers, product, url, monkeypatch):
    """Who looks whether a run is alive tries its locks, which a process of it that is just joining would find taken."""
    servers(run="dddddd", **given(url)).server(product).made("orm_testing_1")
    asked = []
    is_alive = runs.is_alive

    def looked_at(name):
        with pytest.raises(Timeout):
            FileLock(state.root() / "lock", timeout=0).acquire()
        asked.append(name)
        return is_alive(name)

    monkeypatch.setattr(runs, "is_alive", looked_at)
    servers(run="bbbbbb", **given(url)).server(product)
    assert "dddddd" in asked


def test_names_carry_checkout_run_and_worker(servers, product, url):
    """Two checkouts, runs or workers never make databases of one name."""
    prefixes = {
        servers(run=run, worker=worker, checkout=checkout, **given(url)).server(product).prefix
        for run in ("aaaaaa", "bbbbbb")
        for worker in ("gw0", "gw1")
        for checkout in ("/here", "/there")
    }
    assert len(prefixes) == 8
    assert max(map(len, prefixes)) < 40


def test_a_wrong_password_is_told_without_it(servers, product, url):
    """What the server refuses is an error that names the URL, and no password."""
    wrong = url.replace(url.split(":")[2].split("@")[0], "hunter2")
    with pytest.raises(ConfigurationError) as caught:
        servers(**given(wrong)).server(product)
    told = str(caught.value)
    assert told.startswith("fake, given by ORM_TESTING_FAKE_URL as fake://root:***@127.0.0.1:")
    assert "the password was refused" in told
    assert "hunter2" not in told


def test_an_unreachable_server_is_told(servers, product):
    """A given server that is not there is an error, and no other way is tried."""
    with pytest.raises(
        ConfigurationError, match=r"fake://root:\*\*\*@127.0.0.1:1/: 127.0.0.1:1 does not answer"
    ):
        servers(**given("fake://root:x@127.0.0.1:1/")).server(product)


def test_a_given_server_that_never_answers_is_told(servers, product):
    """A server that accepts and says nothing is given up after the configured seconds."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"fake://root:x@127.0.0.1:{mute.getsockname()[1]}/"
        with pytest.raises(ConfigurationError, match="does not answer: timed out"):
            servers(**given(url, patience=0.2)).server(product)


def test_another_product_is_told_before_it_is_asked(servers, product):
    """A URL of another product is refused by its scheme."""
    told = r"ORM_TESTING_FAKE_URL: mysql://u:\*\*\*@h/db is not a URL of Fake, which would begin with fake:// or fakes://"
    with pytest.raises(ConfigurationError, match=told):
        servers(**given("mysql://u:secret@h/db")).unavailable(product)


def test_a_failure_to_tidy_up_is_told(served, url, monkeypatch):
    """Databases that could not be dropped fail the run, with the URL masked."""
    monkeypatch.setenv("ORM_TESTING_FAKE_URL", url)
    unwilling = "def remove(self, url, names): raise RuntimeError('not today')\nFakeProduct.remove = remove\n"
    served.write(conftest=CONFTEST + unwilling)
    result = served.run(subprocess=True)
    result.stdout.fnmatch_lines(
        ["ERROR databases of this run are left on fake://root:*@127.0.0.1:*/: not today"]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:secret@h:1/d?x=1", "postgresql://u:***@h:1/d?x=1"),
        ("postgresql://u:se:c@r/e?t@h/d", "postgresql://u:***@h/d"),
        (
            "postgresql://h/d?user=u&password=secret&sslmode=on",
            "postgresql://h/d?user=u&password=***&sslmode=on",
        ),
        ("redis://:secret@h/0", "redis://:***@h/0"),
        ("s3://h/?aws_secret_access_key=secret", "s3://h/?aws_secret_access_key=***"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
    ],
)
def test_passwords_are_masked(url, shown):
    """A URL is shown without its password, wherever that stands and whatever it is made of."""
    assert masked(url) == shown


def test_what_others_say_is_scrubbed():
    """An error of a client library that repeats the password is shown without it; short ones are not hunted for."""
    assert scrubbed("cannot reach x with s3cret", "fake://u:s3cret@h/") == "cannot reach x with ***"
    assert scrubbed("a cat", "fake://u:a@h/") == "a cat"


def test_threads_of_one_process_ask_once(servers, product, url):
    """Many threads that need the server at once get the same one."""
    mine = servers(**given(url))
    asked = []
    product.ask = lambda url, timeout: asked.append(url) or "Fake 1.0"
    threads = [threading.Thread(target=mine.server, args=(product,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1
