"""The commands of the kit, in a project with a driver of its own: they say what holds, and their exit codes mean it."""

import io
import sys

import pytest

from orm_testing.backends import registry
from orm_testing.cli import main
from orm_testing.kit.mutation import ordering

CONFTEST = """
from orm_testing import DriverInterface, InMemoryDriver, register_backend

class Mine(InMemoryDriver):
    capabilities = InMemoryDriver.capabilities.without("bulk")
    execute_create_many = DriverInterface.execute_create_many
    def execute_query(self, operation):
        answer = super().execute_query(operation)
        return answer{cut}

register_backend("mine", Mine)
"""
OWN = """
from orm_testing import Field, Model, MultiBackendTestBase

class User(Model):
    id: str = Field(primary_key=True)
    age: int = 0

class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["mine"]
    def get_test_models(self):
        return [User]
    def test_create(self, orm):
        orm.create_{how}(User, id="a")
"""
FIXED = """
def fixed(self, name, value):
    if name == "__class__":
        raise TypeError("fixed")
    object.__setattr__(self, name, value)

Mine.__setattr__ = fixed
"""
PAGES = ["--orm-themes", "Pages"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "orm_testing.plugin")
    return Project(tmp_path)


def command(*arguments):
    """As in a process of its own: the conftest is read by each command."""
    before = registry.snapshot()
    try:
        return main(arguments)
    finally:
        registry.restore(before)
        sys.modules.pop("conftest", None)


class Project:
    def __init__(self, path):
        self.path = path
        self.ledger = path / "known_failures.toml"
        (path / "test_own.py").write_text(OWN.format(how="and_verify"))

    def drive(self, *, broken=False):
        cut = "[:-1] if operation.limit == 1 else answer" if broken else ""
        (self.path / "conftest.py").write_text(CONFTEST.format(cut=cut))
        return self


def test_a_driver_that_keeps_the_contract_is_certified(project, capsys):
    """A row per theme, what it declares that it cannot, and 0; the project's own tests are left out."""
    project.drive()
    assert command("certify", "mine", "--orm-themes", "Pages,Bulk,Faults") == 0
    out = capsys.readouterr().out
    assert out.startswith("mine: dictionaries of CPython")
    assert "unsupported: mine lacks bulk (" in out
    assert "\nunsupported: mine needs no server whose connection could be lost (" in out
    assert out.splitlines()[-1] == "mine keeps the contract in all that it declares."
    assert "test_own" not in out


ASYNC = """
from orm_testing import AsyncDriverInterface, InMemoryDriver, register_backend

class Awaited(AsyncDriverInterface):
    capabilities = InMemoryDriver.capabilities.without("sessions")
    def prepare(self, models):
        self.inner = InMemoryDriver()
        self.inner.setup_backend(models)
    async def execute(self, operation):
        self.inner.clock, self.inner.capabilities = self.clock, self.capabilities
        result = self.inner.execute(operation)
        if operation.verb == "query" and operation.limit == {broken}:
            result.data.pop()
        return result
    async def rows(self, model_class, key=None):
        return self.inner.rows(model_class, key)
    async def attachment_of(self, model_class, key, name):
        return self.inner.attachment_of(model_class, key, name)

register_backend("awaited", async_driver=Awaited)
"""


def test_an_async_driver_is_certified(project, capsys):
    """A backend that has no other driver is held to the contract by its async one, and fails by it."""
    (project.path / "conftest.py").write_text(ASYNC.format(broken="-1"))
    assert command("certify", "awaited", "--orm-themes", "Create,Pages,Transactions") == 0
    assert "awaited keeps the contract" in capsys.readouterr().out
    (project.path / "conftest.py").write_text(ASYNC.format(broken="1"))
    assert command("certify", "awaited", *PAGES) == 1
    assert "FAILED Pages::test_limit_and_offset[1-0-" in capsys.readouterr().out


def test_the_ledger_of_an_async_driver_counts(project, capsys):
    """What it is known to fail stands beside it, as with any driver."""
    (project.path / "conftest.py").write_text(ASYNC.format(broken="1"))
    add = ["ledger", "add", "awaited", "--kind", "ours", "--reason", "x", "--yes", *PAGES]
    assert command(*add) == 0
    capsys.readouterr()
    assert command("certify", "awaited", *PAGES) == 0
    assert "known failures" in capsys.readouterr().out


def test_of_two_drivers_the_async_one_is_asked_for(project, capsys):
    """A backend with drivers of both kinds is held to the contract by the sync one, unless it is said that the other is meant."""
    both = ASYNC.format(broken="1").replace("async_driver=", "InMemoryDriver, async_driver=")
    (project.path / "conftest.py").write_text(both)
    assert command("certify", "awaited", *PAGES) == 0
    assert command("certify", "awaited", "--orm-async", *PAGES) == 1


def test_a_driver_that_breaks_it_is_not(project, capsys):
    """Each case that failed is named, with the fact that does not hold and what was seen; the exit code is 1."""
    project.drive(broken=True)
    assert command("certify", "mine", *PAGES) == 1
    out = capsys.readouterr().out
    assert "FAILED Pages::test_limit_and_offset[1-0-" in out
    assert "A limit of 0 is no rows, None is all of them" in out
    assert out.splitlines()[-1] == "mine does not keep the contract."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["certify", "mien"], "'mien' is not a backend. Did you mean 'mine'?"),
        (["certify", "mine", "-k", "no_such_case"], "no case of the kit ran on 'mine'."),
        (
            ["ledger", "add", "mine", "--kind", "yours", "--reason", "x"],
            "one of ours, upstream, never, not 'yours'",
        ),
        (
            ["mutants", "--mutant", "StoreNothing"],
            "'StoreNothing' is not a mutant. Did you mean 'StoresNothing'?",
        ),
        (["mutants", "--backend", "mine", "test_own.py"], "--backend is for the kit"),
        (["mutants", "no_such_test.py"], "no_such_test.py"),
    ],
)
def test_what_cannot_be_told_is_said_to_be_so(project, capsys, arguments, says):
    """A wrong name, or nothing that ran, is neither a pass nor a failure: 2, and one message."""
    project.drive()
    assert command(*arguments) == 2
    assert says in capsys.readouterr().err


def test_what_the_kit_needs_is_asked_for_before_it_runs(project, capsys):
    """Without a library that cases work through no case runs, and what to install is said: the driver is not to blame."""
    project.drive()
    hidden = "import sys\nsys.modules['polyfactory'] = None\n"
    (project.path / "conftest.py").write_text(hidden + (project.path / "conftest.py").read_text())
    assert command("certify", "mine", *PAGES) == 2
    assert "the kit needs polyfactory: pip install 'orm-testing[kit]'" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--orders", "--sample"])
def test_nothing_is_not_a_number_of_runs(option, capsys):
    """What would run no test is refused, so that it cannot pass."""
    with pytest.raises(SystemExit, match="2"):
        command("mutants", option, "0")
    assert f"{option}: '0' is not 1 or more" in capsys.readouterr().err


def test_the_ledger_is_added_to_and_pruned(project, capsys, monkeypatch):
    """What fails is entered, is then known, and is taken out when it passes; nothing is written before it is agreed to."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    project.drive(broken=True)
    add = ["ledger", "add", "mine", "--kind", "ours", "--reason", 'it "counts" from one', *PAGES]
    assert command(*add) == 1
    assert not project.ledger.exists()
    assert "nothing was written" in capsys.readouterr().out
    assert command(*add, "--yes") == 0
    assert '+reason = "it \\"counts\\" from one"' in capsys.readouterr().out
    assert command("certify", "mine", *PAGES) == 0
    assert "but for 6 known failures." in capsys.readouterr().out
    assert command("certify", "mine", "--orm-themes", "Create") == 0  # of which the ledger says nothing
    capsys.readouterr()
    assert command(*add, "--yes") == 0
    assert capsys.readouterr().out == "nothing to change.\n"

    project.drive()
    assert command("certify", "mine", *PAGES) == 1
    assert "It is known to fail on dictionaries of CPython" in capsys.readouterr().out
    assert command("ledger", "prune", "mine", *PAGES) == 1
    assert command("ledger", "prune", "mine", *PAGES, "--yes") == 0
    assert project.ledger.read_text() == ""


def test_a_suite_is_told_which_faults_it_does_not_notice(project, capsys):
    """What verifies notices a driver that stores nothing, and what only creates does not."""
    project.drive()
    assert command("mutants", "--mutant", "StoresNothing", "test_own.py") == 0
    assert "caught by test_own.py::TestUsers::test_create[mine] on tests" in capsys.readouterr().out
    (project.path / "test_own.py").write_text(OWN.format(how="model"))
    assert command("mutants", "--mutant", "StoresNothing", "test_own.py") == 1
    assert "survived on tests: StoresNothing: It answers" in capsys.readouterr().out


def test_a_suite_that_fails_without_a_mutant_is_not_judged(project, capsys):
    """Its failures would be taken for notice of the fault."""
    project.drive()
    (project.path / "test_own.py").write_text(
        OWN.format(how="and_verify") + "        assert not orm.count_models(User)\n"
    )
    assert command("mutants", "--mutant", "StoresNothing", "test_own.py") == 2
    assert "have to pass without a mutant, and do not: test_own.py::" in capsys.readouterr().err


def test_a_driver_that_cannot_be_given_a_fault_is_not_judged(project, capsys):
    """What fails because of that is no notice of the fault."""
    project.drive()
    with (project.path / "conftest.py").open("a") as conftest:
        conftest.write(FIXED)
    assert command("mutants", "--mutant", "StoresNothing", "test_own.py") == 2
    assert "Mine cannot be given a fault: fixed" in capsys.readouterr().err


def test_the_kit_catches_a_mutant_and_writes_the_table(project, capsys):
    """Each mutant has a row, with the case that caught it; what the driver cannot do cannot be broken."""
    project.drive()
    table = project.path / "table.md"
    arguments = [
        "--backend",
        "mine",
        "--mutant",
        "StoresNothing",
        "--mutant",
        "KeepsTheRowsBeforeTheFault",
        "--mutant",
        "CallsTheLostAbsent",
        "--markdown",
        str(table),
    ]
    assert command("mutants", *arguments) == 0
    assert "1 of 1 caught (100 %), 2 not applicable." in capsys.readouterr().out
    rows = table.read_text().splitlines()
    assert rows[2] == "| mutant | the fault | mine |"
    assert "| StoresNothing | It answers" in rows[4]
    assert "`Create::" in rows[4]
    assert rows[5].endswith("| not applicable |")
    assert rows[6].endswith("| not applicable |")  # there is no server that could be lost


def test_no_test_follows_itself(project, capsys):
    """Of two cases, one order's last is often the next one's first: they take turns, since pytest runs none twice in a row."""
    project.drive()
    two = ["-k", "test_limit_and_offset and (1-0-expected1 or 2-0-expected2)", *PAGES]
    assert command("mutants", "--backend", "mine", "--orders", "20", *two) == 0
    assert "mine: 40 tests in 20 random orders (seed 0): 0 false alarms." in capsys.readouterr().out


def test_a_driver_without_a_fault_gives_no_false_alarm(project, capsys, monkeypatch):
    """The kit runs in one random order after the other, and says how often it was wrong."""
    project.drive()
    monkeypatch.setattr(ordering, "_TOGETHER", 2)
    assert command("mutants", "--backend", "mine", "--orders", "3", "--seed", "7", *PAGES) == 0
    assert capsys.readouterr().out == "mine: 90 tests in 3 random orders (seed 7): 0 false alarms.\n"
    project.drive(broken=True)
    assert command("mutants", "--backend", "mine", "--orders", "3", *PAGES) == 1
    alarms = capsys.readouterr().out
    assert "FAILED on mine, which nobody broke: Pages::" in alarms
    assert "2 times: FAILED" in alarms
    assert "(again with --orders 1 --seed 1)" in alarms
    assert "18 false alarms." in alarms
