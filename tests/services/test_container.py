"""The container way, against a small fake of the Docker API."""

import gc
import socket
import threading
import time

import pytest
from fake_docker import Engine, serving
from fake_projects import TESTS
from fake_service import said
from ports import end

from orm_testing import ConfigurationError
from orm_testing.services import container, manual, runs
from orm_testing.services.ladder import Choice

pytest.importorskip("testcontainers.core.container")  # with all that it imports, which inner runs then share
pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed <socket", "ignore::pytest.PytestUnraisableExceptionWarning"
)
IN_CONTAINER = {"choices": {"fake": Choice("container", "--orm-service")}}


@pytest.fixture(autouse=True)
def collected():
    """docker-py leaves a connection to the collector where a pull was refused; what the test's servers hold of it goes first."""
    yield
    gc.collect()


@pytest.fixture
def engine(temporary, monkeypatch):
    """An engine that has the image and whose containers work, as seen from the machine that it runs on."""
    engine = Engine(temporary)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{temporary}/docker.sock")
    monkeypatch.setattr("testcontainers.core.utils.inside_container", lambda: False)
    with serving(engine, temporary / "docker.sock"):
        yield engine


def test_a_server_runs_in_a_container(servers, product, engine):
    """The image is started with its port on loopback alone, labelled, without testcontainers' reaper, and removed."""
    mine = servers(**IN_CONTAINER)
    server = mine.server(product)
    assert (server.way, said(server.url, "hello")) == ("container", "Fake 1.0")
    [body] = engine.created.values()
    assert body["Image"] == "fake:1"
    assert body["HostConfig"]["PortBindings"] == {"7/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}
    assert body["Labels"]["orm_testing.run"] == "aaaaaa"
    assert body["Labels"]["orm_testing.checkout"] == mine.checkout
    assert mine.told()["fake"].startswith("container, Fake 1.0, started in ")
    mine.leave()
    runs.end("aaaaaa")
    assert not engine.created


def test_the_reaper_of_others_is_left_as_it_was(servers, product, engine):
    """Whoever uses testcontainers beside us has its reaper as before."""
    from testcontainers.core.config import testcontainers_config

    before = testcontainers_config.ryuk_disabled
    servers(**IN_CONTAINER).server(product)
    assert testcontainers_config.ryuk_disabled is before


def test_workers_share_a_container_and_a_dead_one_is_replaced(servers, product, engine):
    """A second process of the run finds the container; when it ended, another takes its place."""
    mine, other = servers(**IN_CONTAINER), servers(worker="gw1", **IN_CONTAINER)
    first = mine.server(product)
    assert other.server(product).url == first.url
    [name] = engine.created
    engine.processes[name].kill()
    engine.processes[name].wait()
    second = other.server(product)
    assert second.url != first.url
    assert mine.server(product).url == second.url
    assert len(engine.created) == 1


def test_containers_of_a_dead_run_are_removed(servers, product, engine):
    """A container whose run was killed is removed by the next; one that is not ours stays."""
    killed = servers(run="dddddd", **IN_CONTAINER)
    killed.server(product)
    engine.created["f" * 64] = {"Labels": {"somebody": "else"}}
    killed.run.leave()
    runs.reap_now()
    assert list(engine.created) == ["f" * 64]


def test_an_absent_engine_does_not_apply(product, temporary, monkeypatch):
    """Without an engine the container way is passed over at once."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{temporary}/docker.sock")
    assert container.why_not().startswith(f"no Docker engine answers at unix://{temporary}/docker.sock (")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert container.why_not().startswith("no Docker engine answers at tcp://127.0.0.1:1 (")


def test_an_engine_that_hangs_does_not_hang_the_run(temporary, monkeypatch):
    """An engine that accepts and says nothing is given up in well under a second."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{temporary}/docker.sock")
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(temporary / "docker.sock"))
        mute.listen()
        began = time.monotonic()
        assert "timed out" in container.why_not()
        assert time.monotonic() - began < 1


def test_without_testcontainers_the_way_does_not_apply(monkeypatch, engine):
    """Where testcontainers is not installed, the reason says how to have it, and no engine is asked."""
    monkeypatch.setattr(container.importlib.util, "find_spec", lambda name: None)
    assert container.why_not() == "testcontainers is not installed (pip install 'orm-testing[docker]')"
    assert not engine.asked


def test_a_missing_image_is_told(servers, product, engine):
    """An image that cannot be had is an error that names it, and nothing is left."""
    engine.images = ()
    with pytest.raises(
        ConfigurationError, match=r"fake \(container\): the image fake:1 does not start: .*pull access denied"
    ):
        servers(**IN_CONTAINER).server(product)
    assert not engine.created


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("die", "the container of Fake ended before it answered.\nlast 50 lines of its log:"),
        ("mute", "Fake did not answer within 1 s (--orm-service-timeout): "),
    ],
)
def test_a_container_that_does_not_answer_is_told(servers, product, engine, behaviour, told):
    """A container that ends, or says nothing, is an error with its log, and is removed."""
    engine.behaviour = behaviour
    with pytest.raises(ConfigurationError) as caught:
        servers(patience=1, **IN_CONTAINER).server(product)
    assert told in str(caught.value)
    assert "starting" in str(caught.value) or "line 59" in str(caught.value)
    assert not engine.created


def test_a_run_in_a_container(served, engine, monkeypatch):
    """Where nothing is installed and an engine answers, tests run in a container, which ends with the run."""
    monkeypatch.setenv("FAKE_LOCAL", "absent")
    result = served.write(TESTS).run()
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["fake: container, Fake 1.0, started in *"])
    assert not engine.created


def test_a_kept_container_is_managed_by_hand(servers, product, engine):
    """A container can be kept, found again, its log read, and stopped."""
    servers(keep=True, **IN_CONTAINER).server(product)
    [name] = engine.created
    again = servers(run="bbbbbb", **IN_CONTAINER)
    again.server(product)
    assert list(engine.created) == [name]
    assert f"(container {name[:12]})" in manual.status(again)[0]
    assert manual.logs(again, "fake") == "starting\nlistening\n"
    assert manual.stop(again, []) == ["fake: stopped"]
    assert not engine.created


def test_what_answers_and_is_no_engine_does_not_apply(temporary, monkeypatch):
    """Something else at the engine's address is not taken for one; an address that is not asked cheaply is believed."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        def answer():
            connection, _ = other.accept()
            connection.recv(100)
            connection.sendall(b"SSH-2.0\r\n")
            with connection:
                end(connection)

        thread = threading.Thread(target=answer)
        thread.start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{port}")
        assert container.why_not() == f"what answers at tcp://127.0.0.1:{port} is not a Docker engine"
        thread.join()
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@somewhere")
    assert container.why_not() is None
