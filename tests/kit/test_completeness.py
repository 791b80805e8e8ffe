"""The kit leaves nothing out: every verb, lookup, error and operation is in at least one case."""

import ast
import inspect
import pickle
from pathlib import Path

import pytest
from filelock import FileLock

import orm_testing.kit.cases
from orm_testing import InMemoryDriver, OrmDsl, errors
from orm_testing.errors import ConfigurationError, OperationError, OrmTestingError
from orm_testing.filters import LOOKUPS
from orm_testing.kit.mutants import mutants, mutate
from orm_testing.kit.running import run
from orm_testing.operations import Operation

CASES = Path(orm_testing.kit.cases.__file__).parent


@pytest.fixture(scope="module")
def told(tmp_path_factory, worker_id):
    """How the kit ended on the two backends that need no server, and between them can do everything: one run for all workers."""
    own = tmp_path_factory.getbasetemp()
    kept = (own if worker_id == "master" else own.parent) / "kit.pickle"
    with FileLock(f"{kept}.lock"), pytest.MonkeyPatch.context() as patch:
        if not kept.exists():
            patch.chdir(tmp_path_factory.mktemp("project"))
            patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
            patch.setenv("PYTEST_PLUGINS", "orm_testing.plugin")
            kept.write_bytes(pickle.dumps(run([], kit=["inmemory", "sqlite"])))
        return pickle.loads(kept.read_bytes())


@pytest.fixture(scope="module")
def source():
    """The cases as they are written, and what they share."""
    files = [*CASES.glob("*.py"), *CASES.parent.glob("support/*.py")]
    return [ast.parse(file.read_text(encoding="utf-8")) for file in files]


def test_the_kit_passes_outside_of_this_project(told):
    """In an empty directory, the kit passes on the backends that need nothing."""
    assert [outcome.test for outcome in told.broken] == []
    assert {outcome.backend for outcome in told.outcomes if outcome.state == "passed"} == {
        "inmemory",
        "sqlite",
    }


def test_every_mutant_is_whole():
    """No mutant leaves unwritten what its base asks of it, and each can be had: what fails to begin is not noticed, but broken."""
    for mutant in mutants().values():
        assert not [
            name for name in dir(mutant) if getattr(getattr(mutant, name), "__isabstractmethod__", False)
        ], mutant
        driver = InMemoryDriver()
        mutate(driver, mutant)
        assert isinstance(driver, mutant)


def test_every_operation_is_carried_out(told):
    """Each operation that a driver can be asked for is carried out in some case."""
    done = {name for outcome in told.outcomes for name in outcome.operations}
    assert {operation.verb for operation in Operation.__subclasses__()} - done == set()


def test_every_case_says_what_it_proves(told):
    """The docstring of each case is one sentence, which ends as one."""
    for outcome in told.outcomes:
        assert outcome.says.endswith("."), outcome.test
        assert "\n" not in outcome.says, outcome.test


def test_no_case_passes_without_an_operation(told):
    """A case that asks the driver nothing proves nothing of it."""
    assert {outcome.test for outcome in told.outcomes if outcome.state == "touched nothing"} == set()


def test_every_verb_of_the_client_is_used(source):
    """Each public verb of the DSL client is called in some case."""
    verbs = {name for name, _ in inspect.getmembers(OrmDsl, inspect.isfunction) if not name.startswith("_")}
    called = {
        node.func.attr
        for tree in source
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert (
        verbs - called - {"opened", "run", "is_backend"} == set()
    )  # what no test needs, and no case may ask


def test_every_error_is_provoked(source):
    """Each error that an operation may end in is named by some case."""
    named = {node.id for tree in source for node in ast.walk(tree) if isinstance(node, ast.Name)}
    every = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, OperationError) and value is not OperationError
    }
    assert every - named == set()
    assert not issubclass(ConfigurationError, OperationError)
    assert issubclass(OperationError, OrmTestingError)


def test_every_lookup_is_asked(told):
    """Each lookup is in the parameters of some case that passed."""
    passed = [outcome.test for outcome in told.outcomes if outcome.state == "passed"]
    assert {lookup for lookup in LOOKUPS if not any(lookup in test for test in passed)} == set()
