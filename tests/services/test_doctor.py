"""What the command line says of services without a test: what is here, what would bring it, what to run in Compose."""

import re
import subprocess
import sys

import pytest
from fake_projects import CONFTEST
from fake_service import FakeProduct

from orm_testing.backends import registry
from orm_testing.cli import main
from orm_testing.services.compose import compose


@pytest.fixture
def told(served, capsys):
    """`told("doctor")` is what a command prints of each backend, in a project that has the fake services."""
    before = registry.snapshot()

    def run(*words, more=""):
        registry.restore(before)
        served.write(conftest=CONFTEST + more)
        capsys.readouterr()
        assert main(words) == 0
        blocks = re.split(r"^(?=\S)", capsys.readouterr().out, flags=re.MULTILINE)
        return {
            lines[0]: [each.strip() for each in lines[1:]]
            for block in blocks
            if (lines := block.splitlines())
        }

    yield run
    registry.restore(before)


def test_doctor_says_what_was_found(told):
    """Each way is told with what it has to offer or why it does not apply; the one that is used is marked."""
    found = told("doctor")
    assert found["fake"][0] == "given: ORM_TESTING_FAKE_URL is not set"
    assert found["fake"][1].startswith("local: Fake 1.0 in ")
    assert found["fake"][1].endswith(" (this is used)")
    assert found["fake"][2] == "wheel: no Python package brings Fake"
    assert found["fake"][3].startswith("container: ")
    assert found["fake"][4] == "stand-in: nothing stands in for Fake in this process"
    assert len(found["fake"]) == 5
    assert found["sqlite"] == ["can be had: it needs no server"]


def test_doctor_says_what_would_bring_it(told, monkeypatch):
    """Where no way applies, the one command is told that this machine could run."""
    monkeypatch.setenv("FAKE_LOCAL", "absent")
    assert told("doctor")["fake"][-1] == "to have it: pip install fake"


def test_doctor_asks_a_given_server(told, monkeypatch, servers, product):
    """A given server is asked what it is; its password is not shown, and other ways are not tried."""
    url = servers().server(product).url
    monkeypatch.setenv("ORM_TESTING_FAKE_URL", url)
    masked = "fake://root:***@" + url.partition("@")[2]
    chosen = "chosen by ORM_TESTING_FAKE_URL; other ways are not tried"
    assert told("doctor")["fake"] == [f"given: Fake 1.0 at {masked} (this is used)", chosen]
    monkeypatch.setenv("ORM_TESTING_FAKE_URL", "fake://root:x@127.0.0.1:1/")
    assert "will not do: 127.0.0.1:1 does not answer" in told("doctor")["fake"][0]
    monkeypatch.setenv("ORM_TESTING_FAKE_URL", "mysql://u:secret@h/")
    assert told("doctor")["fake"] == [
        "cannot be had: ORM_TESTING_FAKE_URL: mysql://u:***@h/ is not a URL of Fake, which would begin with fake:// or fakes://."
    ]


MISSING = (
    "cannot be had: the backend 'missing' needs the module 'no_such_library', which is not installed:"
    " pip install 'orm-testing[shiny]'"
)


def test_doctor_names_missing_libraries(told):
    """A backend whose library is missing is told with what would install it; the others are told as well."""
    more = 'registry.register("missing", Backend(driver="no_such_library:Driver", extra="shiny"))'
    found = told("doctor", more=more)
    assert found["missing"] == [MISSING]
    assert found["fake"]


def test_backends_starts_what_it_needs(told, temporary, monkeypatch):
    """`backends` asks the live server for its fingerprint, and leaves none running."""
    monkeypatch.setattr(registry, "names", lambda: ["fake", "sqlite"])
    found = told("backends")
    assert found["fake"][:2] == ["available: Fake 1.0", "from: FakeDriver on FakeStore, of fake_service"]
    assert not list(temporary.glob("orm_testing-*/runs/*"))
    monkeypatch.setenv("FAKE_LOCAL", "absent")
    assert found.keys() == told("backends").keys()
    assert told("backends")["fake"][0].startswith(
        "unavailable: Fake: given: ORM_TESTING_FAKE_URL is not set; "
    )


def test_compose_prints_a_file():
    """Each service has its image, a port on loopback alone, its environment and command, a health check, and a URL."""

    class Dollars(FakeProduct):
        container_command = ("serve", "/data")

        def container_environment(self, password):
            return super().container_environment(password) | {"PRICE": '5 $ "net"'}

    printed = compose([Dollars()])
    assert "#     export ORM_TESTING_FAKE_URL='fake://root:ormtesting@127.0.0.1:10007/'\n" in printed
    assert printed.partition("services:\n")[2] == (
        "  fake:\n"
        '    image: "fake:1"\n'
        "    ports:\n"
        '      - "127.0.0.1:10007:7"\n'
        "    environment:\n"
        '      FAKE_PASSWORD: "ormtesting"\n'
        '      PRICE: "5 $$ \\"net\\""\n'
        '    command: ["serve", "/data"]\n'
        "    healthcheck:\n"
        '      test: ["CMD", "fake-health"]\n'
        "      interval: 1s\n"
        "      timeout: 5s\n"
        "      retries: 60\n"
    )


def test_the_compose_file_is_yaml(told):
    """What `compose` prints for all known products is a file that Compose can read."""
    import yaml

    from orm_testing.backends import products

    told("doctor")
    printed = compose(products().values())
    read = yaml.safe_load(printed)
    assert {"fake", "other"} <= set(read["services"])
    assert all(port.startswith("127.0.0.1:") for each in read["services"].values() for port in each["ports"])


def test_a_command_runs_where_warnings_are_errors(tmp_path):
    """What pytest would warn of, when it is run by a command, is no concern of the project's."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    code = "from orm_testing.cli import main; raise SystemExit(main(['compose']))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "services:" in done.stdout
