"""`explore`: it finds what differs from the oracle, tells it in the fewest steps, and finds nothing where nothing differs."""

import datetime
import subprocess
import sys
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Literal

import pytest

from orm_testing import (
    ConfigurationError,
    DuplicateKeyError,
    Field,
    InMemoryDriver,
    Model,
    MultiBackendTestBase,
    UnsupportedError,
    VerificationError,
    register_backend,
)
from orm_testing.inmemory import Table
from orm_testing.kit import explore
from orm_testing.kit.exploring.drawing import Drawing
from orm_testing.kit.exploring.playing import Difference, Game, Played
from orm_testing.kit.exploring.shortening import played, shortest
from orm_testing.kit.exploring.steps import Pause, Step, Target
from orm_testing.kit.support.everything import Everything
from orm_testing.kit.support.families import Gone, Kept, Lower, Node, Orphan, Parent, Under
from orm_testing.kit.support.models import Counted, Drawn, Person, Seat
from orm_testing.operations import CreateOperation, QueryOperation, UpdateOperation
from orm_testing.schema import SchemaSet


class User(Model):
    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    age: int | None = Field(None, ge=0)


class Order(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    user: str = Field(references=User, on_delete="cascade")
    total: Decimal = Decimal(0)
    ordered_at: datetime.datetime | None = Field(None, auto_now_add=True)


class Narrow(Model):
    code: str = Field(primary_key=True, min_length=2, max_length=3)
    kind: Literal["x", "y"] = "x"
    level: int = Field(5, gt=3, le=7)
    drawn: uuid.UUID = Field(default_factory=uuid.uuid4)


class Odd(Model):
    id: int = Field(primary_key=True)
    word: str = Field(pattern=r"^q{7}\d$")


class ForgetsLimits(InMemoryDriver):
    def execute_query(self, operation):
        limit = operation.limit if (operation.limit or 0) < 1 else None
        return super().execute_query(replace(operation, limit=limit))


class UpdatesTheWrongOrder(InMemoryDriver):
    def execute_update(self, operation):
        rows = self.rows(operation.model_class)
        if operation.model_class is Order and len(rows) > 1:
            other = Order.model_construct(**rows[0])
            return super().execute_update(type(operation)(Order, other, operation.changes))
        return super().execute_update(operation)


class KeepsWhatWasRolledBack(InMemoryDriver):
    def execute_rollback(self, operation):
        self.execute_commit(operation)


class BlamesTheKey(InMemoryDriver):
    def execute_create(self, operation):
        try:
            return super().execute_create(operation)
        except DuplicateKeyError as error:
            error.fields = ("id",)
            raise


class GivesUp(InMemoryDriver):
    def execute_count(self, operation):
        raise ZeroDivisionError


class FailsOnce(InMemoryDriver):
    failed = False

    def execute_delete(self, operation):
        if not self.failed:
            type(self).failed = True
            raise UnsupportedError(capability="bulk")
        super().execute_delete(operation)


class Flickers(InMemoryDriver):
    queries = 0

    def execute_query(self, operation):
        type(self).queries += 1
        return super().execute_query(operation)[:: -1 if type(self).queries % 3 == 1 else 1]


class CannotDelete(InMemoryDriver):
    capabilities = InMemoryDriver.capabilities.without("attachments")
    refused = 0

    def execute_delete(self, operation):
        type(self).refused += 1
        raise UnsupportedError(capability="attachments")


class Heedless(Table):
    def put(self, key, row):
        self.rows[key] = row

    def _release(self, key, row):
        """Nothing is ever taken."""


class OwnKeysAndTimes(InMemoryDriver):
    """It declares little, and does what it likes where it declares nothing."""

    capabilities = InMemoryDriver.capabilities.without("clock", "unique", "foreign_keys", "decimal_scale")

    def prepare(self, models):
        super().prepare(models)
        self.tables = {schema.model_class: Heedless(schema) for schema in self.schemas}

    def reset(self):
        super().reset()
        for table in self.tables.values():
            table.sequence = 40

    def execute_create(self, operation):
        own, self.clock = self.clock, type(self.clock)()
        try:
            return super().execute_create(operation)
        finally:
            self.clock = own

    def _check_parents(self, schema, row, own_key):
        """References are not enforced."""

    def _remove(self, table, key):
        del table.rows[key]


class DeclaresWhatItDoesNotKeep(OwnKeysAndTimes):
    capabilities = InMemoryDriver.capabilities


LIARS = {
    "forgets_limits": (ForgetsLimits, 3, 4),
    "updates_another": (UpdatesTheWrongOrder, 4, 4),
    "keeps_all": (KeepsWhatWasRolledBack, 4, 4),
    "blames_the_key": (BlamesTheKey, 2, 2),
    "gives_up": (GivesUp, 1, 1),
}
"""By backend: a driver that is wrong, and how many operations show it on `User` alone, and how many where an `Order` needs one."""

OTHERS = {
    "fails_once": FailsOnce,
    "flickers": Flickers,
    "cannot_delete": CannotDelete,
    "own_keys": OwnKeysAndTimes,
    "own_keys_declared": DeclaresWhatItDoesNotKeep,
}
for _name, _driver in (*((name, driver) for name, (driver, *_) in LIARS.items()), *OTHERS.items()):
    register_backend(_name, driver=_driver)


def found(orm, *models, **options):
    with pytest.raises(VerificationError) as raised:
        explore(orm, models or [User, Order], **options)
    return str(raised.value)


class Shop(MultiBackendTestBase):
    def get_test_models(self):
        return [User, Order]


class TestAlike(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite"]

    def get_test_models(self):
        return [
            Everything,
            Person,
            Seat,
            Counted,
            Drawn,
            Parent,
            Kept,
            Gone,
            Orphan,
            Under,
            Lower,
            Node,
            Narrow,
        ]

    def test_nothing_is_found_where_nothing_differs(self, orm):
        """Models with keys and references of every sort are explored, and what a store chooses itself is no difference."""
        explore(orm, [Person, Seat, Counted, Drawn, Narrow], examples=25, seed=1)
        explore(orm, [Parent, Kept, Gone, Orphan, Under, Lower, Node], examples=25, seed=1)
        assert orm.context.trace.count > 200

    def test_the_store_is_left_empty(self, orm):
        """What a test does afterwards starts as a test does, with its own clock."""
        explore(orm, [Person], examples=3)
        assert orm.driver.clock is orm.clock
        orm.query_and_verify_count(Person, 0)


class TestChoices(Shop):
    ENABLED_BACKENDS = ["own_keys"]

    def test_what_is_not_declared_is_not_compared(self, orm):
        """Keys that the store counts as it likes, its own time, and constraints that it does not enforce are no differences."""
        explore(orm, [User, Order], examples=100, seed=1)
        assert orm.context.trace.count > 200


class TestDeclared(Shop):
    ENABLED_BACKENDS = ["own_keys_declared"]

    def test_what_is_declared_is_compared(self, orm):
        """The same driver is found out as soon as it declares all of it."""
        assert found(orm, examples=100, seed=1)


class TestAbsent(Shop):
    ENABLED_BACKENDS = ["cannot_delete"]

    def test_what_is_declared_absent_may_be_unsupported(self, orm):
        """An operation that is refused for a capability that the driver does not declare is passed over."""
        explore(orm, [User, Order], examples=50)
        assert CannotDelete.refused > 0


class TestPlanted(Shop):
    ENABLED_BACKENDS = list(LIARS)

    def test_a_fault_is_found_and_told_as_a_test_that_fails(self, orm, pytester):
        """The difference takes few steps, and what is printed fails on this driver and passes on a sound one."""
        told = found(orm, examples=10_000, seed=1)
        steps = int(told.split(" after ")[1].split()[0])
        _, alone, with_order = LIARS[orm.get_backend_name()]
        assert steps <= (alone if "models=[User])" in told else with_order), told
        assert orm.driver.rows(User) == []
        printed = told.split("This test fails because of it:\n\n")[1]
        assert outcomes(pytester, printed) == {"failed": 1}, printed
        assert outcomes(pytester, printed.replace(orm.get_backend_name(), "inmemory")) == {"passed": 1}, (
            printed
        )


EMAIL = "\u202eabc"
LONG: dict[str, tuple[list[Step], int]] = {
    "blames_the_key": (
        [
            CreateOperation(User, {"id": "b"}),
            UpdateOperation(User, Target({"id": "b"}, 0), {"email": EMAIL}),
            CreateOperation(User, {"id": "a", "email": EMAIL}),
        ],
        2,
    ),
    "forgets_limits": (
        [CreateOperation(User, {"id": key}) for key in "abcdef"] + [QueryOperation(User, limit=5)],
        3,
    ),
    "updates_another": (
        [
            CreateOperation(User, {"id": ""}),
            CreateOperation(Order, {"user": ""}),
            CreateOperation(User, {"id": "~"}),
            CreateOperation(Order, {"user": "~"}),
            UpdateOperation(Order, Target({"id": 2}, 0), {"user": "~"}),
        ],
        4,
    ),
}
"""By backend: an example of which no step can be left out as it is, and how many are left when its values change as well."""


class TestShortening(Shop):
    ENABLED_BACKENDS = list(LONG)

    def test_values_change_so_that_steps_can_be_left_out(self, orm):
        """A limit goes down, a reference goes to another row, an update is written with its row, and equal values stay equal."""
        steps, fewest = LONG[orm.get_backend_name()]
        schemas = SchemaSet(orm.context.models)
        drawing = Drawing(schemas, list(schemas), orm.driver.capabilities, {})
        game = Game(orm, orm.context.models)
        difference = shortest(game, played(game, steps), drawing.simplest)
        game.end()
        assert len(difference.steps) == fewest, difference.steps
        assert EMAIL not in repr(difference.steps)


class TestTelling(Shop):
    ENABLED_BACKENDS = ["forgets_limits"]

    def test_what_is_told(self, orm):
        """What was expected, what came, and a test with its imports, whose rows have names where later steps call them."""
        told = found(orm, Order, User, seed=1)
        assert told.startswith(f"{orm.get_backend_name()} differs from the in-memory driver after ")
        assert f"from {__name__} import " in told
        assert "\n  expected: " in told
        assert "\n  got:      " in told

    def test_a_difference_can_be_played_again(self, orm):
        """The operations that the failed test's report shows last are those of the difference."""
        told = found(orm, seed=1)
        steps = int(told.split(" after ")[1].split()[0])
        last = [repr(entry.operation) for entry in orm.context.trace.entries][-steps:]
        assert "limit=" in last[-1]


class TestWrongUse(Shop):
    ENABLED_BACKENDS = ["inmemory"]

    def get_test_models(self):
        return [User, Order, Odd]

    @pytest.mark.parametrize(
        ("models", "options", "message"),
        [
            ([], {}, "explore needs at least one model"),
            ([Narrow], {}, "Narrow is not among the models of this test"),
            ([User], {"examples": 0}, "examples is a number from 1 on, not 0"),
            ([User], {"steps": "many"}, "steps is a number from 1 on, not 'many'"),
            ([User], {"values": {"User.nmae": ["x"]}}, "values names 'User.nmae', which is no field"),
            ([User], {"values": {"User.id": "x"}}, "is a list of at least one value, not 'x'"),
            ([Odd], {}, "explore knows no value for Odd.word; give some"),
        ],
    )
    def test_what_cannot_be_explored_is_said(self, orm, models, options, message):
        """One clear message says what is wrong with a call."""
        with pytest.raises(ConfigurationError, match=message):
            explore(orm, models, **options)

    def test_values_of_the_callers_own(self, orm):
        """A field whose type does not tell its values has those that it is given."""
        explore(orm, [Odd], examples=5, values={"Odd.word": ["qqqqqqq1", "qqqqqqq2"]})
        told = {
            entry.operation.data.get("word")
            for entry in orm.context.trace.entries
            if hasattr(entry.operation, "data")
        }
        assert {"qqqqqqq1", "qqqqqqq2"} <= told

    def test_an_async_client_is_refused(self):
        """Hypothesis awaits nothing."""
        with pytest.raises(ConfigurationError, match="explore takes the client of a test that is not async"):
            explore(object(), [User])

    def test_hypothesis_may_be_missing(self, orm, monkeypatch):
        """Where Hypothesis is not installed, the error says what to install."""
        monkeypatch.setitem(sys.modules, "hypothesis", None)
        with pytest.raises(ConfigurationError, match=r"pip install 'orm-testing\[explore\]'"):
            explore(orm, [User])


class TestNotTheSameTwice(Shop):
    ENABLED_BACKENDS = ["fails_once"]

    def test_a_difference_that_does_not_come_again_is_told_as_such(self, orm):
        """A driver that differs once and then no more is found, and the message says that it did not come again."""
        assert found(orm).endswith("\nIt does not come each time that the same steps are played.")


class TestNowAndThen(Shop):
    ENABLED_BACKENDS = ["flickers"]

    def test_a_difference_that_comes_now_and_then_is_shortened(self, orm):
        """What shows the difference in fewer steps is taken, whether it came again in more of them or not."""
        for seed in range(6):
            told = found(orm, seed=seed)
            assert int(told.split(" after ")[1].split()[0]) <= 6, told


def test_the_kit_is_imported_without_hypothesis():
    """Hypothesis is imported when something is explored, and not before."""
    code = "import sys, orm_testing.kit; orm_testing.kit.explore; sys.exit('hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def outcomes(pytester, text):
    """How pytest ends with a file of this text."""
    pytester.makepyfile(test_printed=text)
    unneeded = ("cacheprovider", "asyncio", "faker", "hypothesispytest", "anyio", "xdist", "random-order")
    done = pytester.runpytest_inprocess("-q", *(word for name in unneeded for word in ("-p", f"no:{name}")))
    return done.parseoutcomes()


class Shown:
    """A game in which the difference is there where the steps say so."""

    def __init__(self, says):
        self.says = says

    def play(self, steps):
        if self.says({step.seconds for step in steps}):
            raise Difference("raised", [Played(step, None) for step in steps], None, None)


def test_two_steps_that_need_each_other_are_left_out_together():
    """Neither can go while the other stays, and the difference needs none of them."""
    game = Shown(lambda there: {5, 9} <= there and (1 in there) == (2 in there))
    difference = played(game, [Pause(1), Pause(5), Pause(2), Pause(9)])
    assert shortest(game, difference, lambda _model, _field: []).steps == [Pause(5), Pause(9)]
