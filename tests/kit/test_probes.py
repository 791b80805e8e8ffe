"""Probes see what a driver does, whatever it declares; the table of capabilities says what is declared, and what is not so."""

import math
import re
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from orm_testing import (
    DriverInterface,
    InMemoryDriver,
    MultiBackendTestBase,
    UnavailableError,
    ValueRangeError,
)
from orm_testing.backends import registry
from orm_testing.capabilities import KNOWN
from orm_testing.clock import Clock
from orm_testing.kit.cases import THEMES
from orm_testing.kit.cases.capabilities import Declarations
from orm_testing.kit.probes import PROBES, Elsewhere, Trial
from orm_testing.kit.probes.probe import FAILED
from orm_testing.kit.support import samples
from orm_testing.kit.tabling import capabilities_table, short
from orm_testing.operations import CreateManyOperation, CreateOperation, UpsertOperation

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "capabilities.md"
DIGITS, WIDTH = 12, 40


def test_every_capability_has_its_probe():
    """The capabilities that are known and those that have a probe are the same."""
    assert sorted(PROBES) == sorted(KNOWN)
    assert all(name == probe.name for name, probe in PROBES.items())


def test_what_a_capability_is_stands_in_one_place():
    """No probe has a sentence of its own, and the page of the reference has those of the library."""
    assert not [probe for probe in PROBES.values() if "sentence" in vars(type(probe))]
    assert all(probe.sentence == KNOWN[name] for name, probe in PROBES.items())
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert told == dict(KNOWN)


def test_what_is_not_probed_is_said():
    """The docstring of the theme names each capability of which something is taken on trust, and the theme that proves it."""
    themes = {theme.__name__ for theme in THEMES}
    said = Declarations.__doc__
    for name, probe in PROBES.items():
        if isinstance(probe, Elsewhere) or name in probe.needs:
            assert f"`{name}`" in said
    assert {name for name, probe in PROBES.items() if isinstance(probe, Elsewhere)} == {
        "anomalies",
        "astral_names",
        "trio",
    }
    assert {PROBES["anomalies"].elsewhere, PROBES["astral_names"].elsewhere} <= themes


class Odd(InMemoryDriver):
    """Holds less than it declares: narrow integers, short decimals, whole milliseconds, one row of two."""

    capabilities = InMemoryDriver.capabilities | {"integer_bits": 64, "decimal_digits": 30}

    def execute_create(self, operation):
        data = dict(operation.data)
        if (number := data.get("number")) is not None and not -(2 ** (WIDTH - 1)) <= number < 2 ** (
            WIDTH - 1
        ):
            raise ValueRangeError("too wide")
        if (exact := data.get("exact")) is not None and len(exact.as_tuple().digits) > DIGITS:
            raise ValueRangeError("too long")
        if (at := data.get("at")) is not None:
            data["at"] = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return super().execute_create(CreateOperation(operation.model_class, data))

    def execute_query(self, operation):
        self.client_work = ("filter",) if "text" in operation.filters else ()
        return super().execute_query(operation)

    def execute_aggregate(self, operation):
        raise UnavailableError("it is gone")

    def execute_create_many(self, operation):
        raise ValueRangeError("never more than one")

    def execute_begin(self, operation):
        raise ValueRangeError("never")


class Probing(MultiBackendTestBase):
    """Tests on a driver of their own."""

    def get_test_models(self):
        return [samples.Sample, samples.Tally, samples.Place, samples.Owner, samples.Owned, samples.Shape]

    def seen(self, orm, name, declared=None):
        return PROBES[name].seen(Trial(orm, lambda model: model), declared)


class TestWhatProbesSee(Probing):
    @classmethod
    def create_driver(cls, backend_name):
        return Odd()

    @pytest.mark.parametrize(
        ("name", "declared", "value"),
        [
            ("integer_bits", WIDTH, WIDTH),
            ("integer_bits", WIDTH + 1, WIDTH),
            ("integer_bits", WIDTH - 1, WIDTH),
            ("integer_bits", None, WIDTH),
            ("decimal_digits", 30, DIGITS),
            ("decimal_digits", DIGITS, DIGITS),
            ("max_key_bytes", None, None),
            ("max_key_bytes", 100, None),
            ("max_item_bytes", 2**30, 2**30),
            ("float_magnitude", 1e10, None),
            ("datetime_precision", "microsecond", "millisecond"),
            ("filtering", "store", "partly"),
            ("ordering", "client", "store"),
            ("unique", False, True),
            ("unique", True, True),
        ],
    )
    def test_a_value_is_measured(self, orm, name, declared, value):
        """The value that is seen is the driver's, and a bound is found where the declared one is another, whatever is declared."""
        assert self.seen(orm, name, declared).value == value

    def test_what_fails_cannot_be_done(self, orm):
        """A flag whose operations fail is absent, and says why; a value whose operations fail is none that can be declared."""
        seen = self.seen(orm, "bulk", declared=True)
        assert (seen.value, str(seen)) == (False, "False, since ValueRangeError: never more than one")
        seen = self.seen(orm, "transaction_items")
        assert seen.value is FAILED
        assert str(seen) == "ValueRangeError: never"

    def test_a_store_that_is_gone_shows_nothing(self, orm):
        """That the store is gone is no answer to what it can."""
        with pytest.raises(UnavailableError):
            self.seen(orm, "aggregates", declared=False)

    def test_a_probe_leaves_the_declaration_as_it_was(self, orm):
        """A capability that is not declared is so while it is probed, and no longer."""
        orm.driver.capabilities = own = orm.driver.capabilities.without("bulk")
        many = CreateManyOperation(samples.Sample, [{"id": "a"}])
        with Trial(orm, lambda model: model).declaring("bulk"):
            assert orm.driver.execute(many).error.args == ("never more than one",)
        assert orm.driver.capabilities is own
        assert "lacks the capability 'bulk'" in str(orm.driver.execute(many).error)


class Unable(InMemoryDriver):
    """Declares all that the in-memory driver can, and does none of it as it should."""

    def prepare(self, models):
        super().prepare(models)
        self.own = Clock()

    def execute(self, operation):
        tests, self.clock = self.clock, self.own
        try:
            return super().execute(operation)
        finally:
            self.clock = tests

    def execute_create(self, operation):
        data = {name: spoilt(value) for name, value in operation.data.items() if name != "unique"}
        if operation.model_class is samples.Tally or data.get("id") == "":
            raise ValueRangeError("a key is a text, and not empty")
        return super().execute_create(CreateOperation(operation.model_class, data))

    def execute_create_many(self, operation):
        return [self.execute_upsert(UpsertOperation(operation.model_class, row)) for row in operation.rows]

    def execute_aggregate(self, operation):
        return super().execute_aggregate(operation)[:1]

    def execute_attach(self, operation):
        pass

    def execute_begin(self, operation):
        pass

    execute_commit = execute_rollback = execute_begin

    def _check_parents(self, schema, row, own_key):
        pass

    def rows(self, model_class, key=None):
        return DriverInterface.rows(self, model_class, key)


def spoilt(value):
    """What a poor store makes of a value."""
    if isinstance(value, Decimal):
        return value.normalize()
    if isinstance(value, float):
        return abs(value) if math.isfinite(value) else 0.0
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "")
    return value


FLAGS = [
    name
    for name, probe in PROBES.items()
    if not isinstance(probe, Elsewhere) and probe.undeclared is False and not probe.needs and name in InMemoryDriver.capabilities
]  # fmt: skip


class TestWhatProbesSeeOfOneThatCannot(Probing):
    @classmethod
    def create_driver(cls, backend_name):
        return Unable()

    @pytest.mark.parametrize("name", FLAGS)
    def test_what_is_declared_in_vain_is_not_seen(self, orm, name):
        """A driver that declares what it does not do, or not as it should, is seen to lack it."""
        assert name in orm.driver.capabilities
        assert self.seen(orm, name, declared=True).value is False


class TestWhatProbesSeeOfOneThatCan(Probing):
    @classmethod
    def create_driver(cls, backend_name):
        return InMemoryDriver()

    @pytest.mark.parametrize("name", FLAGS)
    def test_what_is_not_declared_is_seen(self, orm, name):
        """A driver that does what it does not declare is seen to do it."""
        orm.driver.capabilities = orm.driver.capabilities.without(name)
        assert self.seen(orm, name, declared=False).value is True


CONFTEST = """
from orm_testing import InMemoryDriver, register_backend

class Mine(InMemoryDriver):
    capabilities = InMemoryDriver.capabilities{says}

class Elsewhere(InMemoryDriver):
    @classmethod
    def unavailable_reason(cls):
        return "no such machine"

class Broken(InMemoryDriver):
    def open(self):
        raise OSError("it is down")

register_backend("mine", Mine)
register_backend("elsewhere", Elsewhere)
register_backend("broken", Broken)
"""


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Ask for the table in a project with a driver that says this of itself."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "orm_testing.plugin")
    before = registry.snapshot()

    def ask(*names, says="", prove=False):
        (tmp_path / "conftest.py").write_text(CONFTEST.format(says=says))
        lines = []
        try:
            return capabilities_table(names, prove=prove, say=lines.append), lines
        finally:
            registry.restore(before)
            sys.modules.pop("conftest", None)

    return ask


def test_the_table_has_a_row_for_each_capability(asked):
    """A table of several backends has a column for each, and says in a few characters what it declares."""
    code, lines = asked("mine", "sqlite", says=".without('bulk', 'transactions') | {'max_key_bytes': 1024}")
    assert code == 0
    rows = {line.split()[0]: line.split()[1:] for line in lines}
    assert set(rows) == {"capability", *KNOWN}
    assert rows["capability"] == ["mine", "sqlite"]
    assert rows["bulk"] == ["yes"]
    assert rows["max_key_bytes"] == ["1,024", "no", "bound"]
    assert rows["unique"] == ["yes", "yes"]
    assert rows["transaction_items"] == ["no", "bound"]


def test_the_table_of_one_backend_says_what_each_capability_is(asked):
    """A table of one backend has the sentence of each capability."""
    code, lines = asked("mine")
    assert code == 0
    assert next(line for line in lines if line.startswith("unique ")).endswith(KNOWN["unique"])


def test_a_declaration_that_is_right_is_proved(asked):
    """Where all is as declared, it is said of how many capabilities, and the exit code is 0."""
    code, lines = asked("mine", prove=True)
    proved = sum(not isinstance(probe, Elsewhere) for probe in PROBES.values())
    assert code == 0
    assert re.fullmatch(r"mine: (\d+) capabilities are as declared, 0 cases differ", lines[-1])
    assert 0 < int(lines[-1].split()[1]) <= proved


def test_a_declaration_that_is_wrong_is_told(asked):
    """Where something is not as declared, it is said what is declared and what was seen, and the exit code is 1."""
    code, lines = asked("mine", says=".without('unique') | {'integer_bits': 64}", prove=True)
    assert code == 1
    told = "\n".join(lines)
    assert "2 cases differ" in told
    assert "Mine declares integer_bits=64 (" in told
    assert "what was seen: None" in told
    assert f"Mine does not declare 'unique' ({KNOWN['unique']}); what was seen: True" in told


def test_what_cannot_be_had_is_said(asked, monkeypatch):
    """A backend that cannot be had, or is broken, is told below the table; the exit code is 1 for one that was named or is broken."""
    code, lines = asked("mine", "elsewhere")
    assert code == 1
    assert lines[-1] == "elsewhere: unavailable: no such machine"
    code, lines = asked("broken")
    assert (code, lines) == (1, ["broken: error: OSError: it is down"])
    monkeypatch.setattr(registry, "names", lambda: ["mine", "elsewhere"])
    assert asked()[0] == 0
    monkeypatch.setattr(registry, "names", lambda: ["mine", "broken"])
    assert asked()[0] == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "yes"), (False, ""), (None, "no bound"), (65, "65"), (409_600, "409,600"), (9.99e125, "9.99e+125"), ("partly", "partly"),
        (("read committed", "serializable"), "RC S"), ({"read committed": ("P4", "G2"), "serializable": ()}, "RC:2 S:0"), ((), ""),
    ],
)  # fmt: skip
def test_a_value_is_shown_shortly(value, shown):
    """Each kind of value has its short form."""
    assert short(value) == shown
