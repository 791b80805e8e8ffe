"""References and transactions in memory."""

import pytest

from orm_testing import BeginOperation, Field, ForeignKeyError, Model, RollbackOperation


class Team(Model):
    id: str = Field(primary_key=True)


class Player(Model):
    id: str = Field(primary_key=True)
    team: str = Field(references=Team, on_delete="cascade")
    coach: str | None = Field(None, references="Player", on_delete="set_null")


class Goal(Model):
    id: int = Field(primary_key=True)
    player: str = Field(references=Player, on_delete="cascade")


class Award(Model):
    id: int = Field(primary_key=True)
    player: str | None = Field(None, references=Player)


class Folder(Model):
    id: str = Field(primary_key=True)
    parent: str | None = Field(None, references="Folder", on_delete="cascade")


@pytest.fixture
def orm(make_orm):
    """One team with three players, of whom the first coaches the second and shot two goals."""
    orm = make_orm(Team, Player, Goal, Award, Folder)
    orm.create_and_verify(Team, id="t")
    orm.create_and_verify(Player, id="a", team="t")
    orm.create_and_verify(Player, id="b", team="t", coach="a")
    orm.create_and_verify(Player, id="c", team="t")
    orm.create_many_and_verify(
        Goal, [{"id": 1, "player": "a"}, {"id": 2, "player": "a"}, {"id": 3, "player": "c"}]
    )
    return orm


def everything(orm):
    return [orm.driver.rows(model) for model in orm.context.models]


def get(orm, model, key):
    return orm.get_and_verify_exists(model, id=key)


def test_cascade_and_set_null_reach_those_that_refer(orm):
    """A deleted row takes its dependants along, and is forgotten by those that may do without it."""
    orm.delete_and_verify(get(orm, Player, "a"))
    assert [goal.id for goal in orm.all_models(Goal)] == [3]
    assert [(player.id, player.coach) for player in orm.all_models(Player)] == [("b", None), ("c", None)]


def test_a_cascade_goes_all_the_way_down(orm):
    """What refers to a row that goes by a cascade goes as well."""
    orm.delete_and_verify(get(orm, Team, "t"))
    assert everything(orm) == [[], [], [], [], []]


@pytest.mark.parametrize(("model", "key"), [(Player, "c"), (Team, "t")])
def test_a_restriction_undoes_the_whole_cascade(orm, model, key):
    """A delete that meets a restriction, at once or deep in a cascade, changes nothing anywhere."""
    orm.create_and_verify(Award, id=1, player="c")
    before = everything(orm)
    error = orm.expect_delete_failure(get(orm, model, key), ForeignKeyError)
    assert (error.model, error.fields) == ("Award", ("player",))
    assert everything(orm) == before
    orm.update_and_verify(get(orm, Award, 1), player=None)
    orm.delete_and_verify(get(orm, model, key))


def test_what_was_undone_can_be_done_again(orm):
    """After a refused cascade, unique values and keys are as taken as before, and as free."""
    orm.create_and_verify(Award, id=1, player="c")
    orm.expect_delete_failure(get(orm, Team, "t"), ForeignKeyError)
    orm.expect_create_failure(Goal, id=1, player="a")
    orm.create_and_verify(Goal, id=4, player="a")


def test_a_row_may_refer_to_itself(orm):
    """A row that is its own parent can be created, changed so, put so, and deleted."""
    orm.create_and_verify(Folder, id="root", parent="root")
    orm.create_and_verify(Folder, id="child", parent="root")
    orm.update_and_verify(get(orm, Folder, "child"), parent="child")
    orm.upsert_and_verify(Folder, id="other", parent="other")
    orm.delete_and_verify(get(orm, Folder, "root"))
    assert [folder.id for folder in orm.all_models(Folder)] == ["child", "other"]


def test_rows_in_a_circle_go_together(orm):
    """A cascade around a circle ends, and takes all of it."""
    orm.create_and_verify(Folder, id="x")
    orm.create_and_verify(Folder, id="y", parent="x")
    orm.create_and_verify(Folder, id="z", parent="y")
    orm.update_and_verify(get(orm, Folder, "x"), parent="z")
    orm.delete_and_verify(get(orm, Folder, "y"))
    assert orm.all_models(Folder) == []


def test_none_refers_to_nothing(orm):
    """A reference that is None needs no parent, and holds none."""
    orm.create_and_verify(Award, id=1)
    orm.delete_and_verify(get(orm, Team, "t"))
    assert len(orm.all_models(Award)) == 1


def test_deleting_through_a_transaction_that_rolls_back_brings_all_back(orm):
    """A rollback undoes a cascade in every model."""
    before = everything(orm)
    with orm.expect_rollback(KeyError), orm.transaction():
        orm.delete_and_verify(get(orm, Team, "t"))
        raise KeyError
    assert everything(orm) == before


def test_a_reset_ends_what_a_test_left_open(orm):
    """A transaction that was never ended is gone after a reset, and its rows too."""
    orm.driver.execute(BeginOperation())
    orm.create_and_verify(Team, id="u")
    orm.reset()
    assert everything(orm) == [[], [], [], [], []]
    orm.create_and_verify(Team, id="u")
    with orm.transaction():
        orm.create_and_verify(Team, id="v")
    assert len(orm.all_models(Team)) == 2


def test_a_reset_inside_a_transaction_does_not_break_its_end(orm):
    """`with orm.transaction()` ends well after a reset in its midst, as Hypothesis may cause one."""
    with orm.transaction():
        orm.reset()
        orm.create_and_verify(Team, id="u")
    assert [team.id for team in orm.all_models(Team)] == ["u"]


def test_a_clear_is_undone_by_a_rollback(orm):
    """`clear_storage` is an operation like others, and takes part in a transaction."""
    before = everything(orm)
    orm.driver.execute(BeginOperation())
    assert orm.clear_storage().success
    assert everything(orm) == [[], [], [], [], []]
    orm.driver.execute(RollbackOperation())
    assert everything(orm) == before


def test_a_rollback_frees_and_takes_unique_values_again(make_orm):
    """Unique values of rows that a rollback removed are free, and those it brought back are taken."""

    class Named(Model):
        id: int = Field(primary_key=True)
        name: str = Field(unique=True)

    orm = make_orm(Named)
    first = orm.create_and_verify(Named, id=1, name="one")
    with orm.expect_rollback(KeyError):
        orm.delete_and_verify(first)
        orm.create_and_verify(Named, id=2, name="two")
        raise KeyError
    orm.expect_create_failure(Named, id=3, name="one")
    orm.create_and_verify(Named, id=3, name="two")
