"""Relations: a row refers to one that is there, and what becomes of it when that one goes is what its model says."""

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import DuplicateKeyError, ForeignKeyError, VerificationError
from orm_testing.kit.support.families import FamilyCases, Parent
from orm_testing.marks import requires


@requires("foreign_keys")
class Relations(FamilyCases):
    """What refers to nothing is refused, and what is referred to goes as its children say."""

    def family(self, orm: OrmDsl) -> Parent:
        """A parent, who is returned, with a child of each kind, and another parent with a child of each kind."""
        for name in ("q", "p"):
            parent = orm.create_and_verify(self.Parent, id=name)
            for model in (self.Kept, self.Gone, self.Orphan):
                orm.create_and_verify(model, id=f"of {name}", parent=name)
        return parent

    @pytest.mark.parametrize("verb", ["create", "update", "upsert", "upsert of a row"])
    def test_a_reference_to_nothing_is_refused(self, orm: OrmDsl, verb: str) -> None:
        """A row that would refer to one that is not there is a `ForeignKeyError` that names the model and the field."""
        orm.create_and_verify(self.Parent, id="p")
        kept = orm.create_and_verify(self.Kept, id="a", parent="p")
        if verb == "create":
            error = orm.expect_create_failure(self.Kept, ForeignKeyError, id="b", parent="nobody")
        elif verb == "update":
            error = orm.expect_update_failure(kept, ForeignKeyError, parent="nobody")
        else:
            key = "b" if verb == "upsert" else "a"
            error = orm.expect_upsert_failure(self.Kept, ForeignKeyError, id=key, parent="nobody")
        assert (error.model, error.fields) == (self.Kept.__name__, ("parent",))

    def test_the_reference_that_leads_nowhere_is_named(self, orm: OrmDsl) -> None:
        """Of several references of a row, the error names the one that leads nowhere."""
        orm.create_and_verify(self.Parent, id="p")
        error = orm.expect_create_failure(self.Orphan, ForeignKeyError, id="a", parent="p", other="nobody")
        assert error.fields == ("other",)
        error = orm.expect_create_failure(self.Orphan, ForeignKeyError, id="a", parent="nobody", other="p")
        assert error.fields == ("parent",)

    def test_none_refers_to_nothing(self, orm: OrmDsl) -> None:
        """A reference that is `None` needs no parent and holds none, and may be given one later, or another, or none again."""
        orphan = orm.create_and_verify(self.Orphan, id="a")
        one, other = (orm.create_and_verify(self.Parent, id=key) for key in "pq")
        orphan = orm.update_and_verify(orphan, parent="p")
        orphan = orm.update_and_verify(orphan, parent="q")
        orm.delete_and_verify(one)
        assert orm.update_and_verify(orphan, parent=None).parent is None
        orm.delete_and_verify(other)
        orm.query_and_verify_count(self.Orphan, 1, parent=None)

    def test_children_are_found_by_their_parent(self, orm: OrmDsl) -> None:
        """A reference is a field like others: rows are found, counted and put in order by it."""
        self.family(orm)
        orm.create_and_verify(self.Gone, id="a second", parent="p")
        found = orm.query_and_verify_count(self.Gone, 2, parent="p", order_by=["id"])
        assert [row.id for row in found] == ["a second", "of p"]
        assert [row.parent for row in orm.query_and_verify_count(self.Gone, 3, order_by=["-parent"])][
            2
        ] == "p"

    def test_a_parent_that_is_needed_stays(self, orm: OrmDsl) -> None:
        """A delete of what a row restricts is a `ForeignKeyError` that names that row's model and field, and nothing changes."""
        parent = self.family(orm)
        error = orm.expect_delete_failure(parent, ForeignKeyError)
        assert (error.model, error.fields) == (self.Kept.__name__, ("parent",))

    def test_a_parent_goes_once_it_is_needed_no_more(self, orm: OrmDsl) -> None:
        """What restricts a delete does so as long as it is there, and refers to that row."""
        parent = self.family(orm)
        child = orm.get_and_verify_exists(self.Kept, id="of p")
        orm.update_and_verify(child, parent="q")
        orm.delete_and_verify(parent)
        assert orm.get_and_verify_exists(self.Kept, id="of p").parent == "q"

    def test_children_go_with_their_parent(self, orm: OrmDsl) -> None:
        """A cascade takes the rows that refer to the one that goes, all of them and no others."""
        parent = orm.create_and_verify(self.Parent, id="p")
        orm.create_and_verify(self.Parent, id="q")
        for key, of in (("a", "p"), ("b", "p"), ("c", "q")):
            orm.create_and_verify(self.Gone, id=key, parent=of)
        orm.delete_and_verify(parent)
        assert [row.id for row in orm.all_models(self.Gone)] == ["c"]
        orm.get_and_verify_not_exists(self.Gone, id="a")

    def test_a_cascade_goes_all_the_way_down(self, orm: OrmDsl) -> None:
        """What refers to a row that goes by a cascade goes as well."""
        parent = orm.create_and_verify(self.Parent, id="p")
        orm.create_and_verify(self.Gone, id="g", parent="p")
        orm.create_and_verify(self.Lower, id="l", gone="g")
        orm.delete_and_verify(parent)
        orm.query_and_verify_count(self.Gone, 0)
        orm.query_and_verify_count(self.Lower, 0)

    def test_orphans_stay(self, orm: OrmDsl) -> None:
        """A row whose reference is set to `None` stays, without that reference and with the others that it has."""
        parent = orm.create_and_verify(self.Parent, id="p")
        orm.create_and_verify(self.Parent, id="q")
        orm.create_and_verify(self.Orphan, id="a", parent="p", other="q")
        orm.create_and_verify(self.Orphan, id="b", parent="p", other="p")
        orm.delete_and_verify(parent)
        left = [(row.parent, row.other) for row in orm.all_models(self.Orphan)]
        assert left == [(None, "q"), (None, None)]

    @pytest.mark.parametrize("depth", ["beside", "below"])
    def test_a_cascade_that_meets_a_restriction_changes_nothing(self, orm: OrmDsl, depth: str) -> None:
        """One row that restricts, beside those that would go or below them, keeps every row of every model as it was."""
        parent = self.family(orm)
        if depth == "below":
            orm.delete_and_verify(orm.get_and_verify_exists(self.Kept, id="of p"))
            orm.create_and_verify(self.Lower, id="l", gone="of p")
            orm.create_and_verify(self.Under, id="u", gone="of p")
        error = orm.expect_delete_failure(parent, ForeignKeyError)
        assert error.model == (self.Kept if depth == "beside" else self.Under).__name__

    @requires("unique")
    def test_what_a_cascade_took_can_be_had_again(self, orm: OrmDsl) -> None:
        """Keys and unique values are taken as before after a cascade that was refused, and free after one that was not."""
        parent = orm.create_and_verify(self.Parent, id="p")
        orm.create_and_verify(self.Gone, id="g", parent="p", code="x")
        kept = orm.create_and_verify(self.Kept, id="k", parent="p")
        orm.expect_delete_failure(parent, ForeignKeyError)
        orm.expect_create_failure(self.Gone, DuplicateKeyError, id="h", parent="p", code="x")
        orm.delete_and_verify(kept)
        orm.delete_and_verify(parent)
        orm.create_and_verify(self.Parent, id="p")
        orm.create_and_verify(self.Gone, id="g", parent="p", code="x")

    def test_a_row_may_refer_to_itself(self, orm: OrmDsl) -> None:
        """A row that is its own parent is created, upserted, changed so, and deleted."""
        orm.create_and_verify(self.Parent, id="a", boss="a")
        orm.upsert_and_verify(self.Parent, id="b", boss="b")
        row = orm.create_and_verify(self.Parent, id="c")
        row = orm.update_and_verify(row, boss="c")
        orm.delete_and_verify(row)
        orm.delete_and_verify(orm.get_and_verify_exists(self.Parent, id="a"))
        orm.query_and_verify_count(self.Parent, 1)

    def test_a_boss_stays_as_long_as_there_are_people(self, orm: OrmDsl) -> None:
        """A reference to another row of the same model holds that row as any other does."""
        boss = orm.create_and_verify(self.Parent, id="boss")
        worker = orm.create_and_verify(self.Parent, id="worker", boss="boss")
        error = orm.expect_delete_failure(boss, ForeignKeyError)
        assert (error.model, error.fields) == (self.Parent.__name__, ("boss",))
        orm.delete_and_verify(worker)
        orm.delete_and_verify(boss)

    def test_rows_in_a_circle_go_together(self, orm: OrmDsl) -> None:
        """A cascade around a circle of rows, whose keys the store made, ends and takes all of it and no more."""
        first, second, third = (orm.create_and_verify(self.Node, name=name) for name in "abc")
        orm.update_and_verify(first, above=third.id)
        orm.update_and_verify(second, above=first.id)
        orm.update_and_verify(third, above=second.id)
        alone = orm.create_and_verify(self.Node, name="d")
        orm.delete_and_verify(orm.get_and_verify_exists(self.Node, name="b"))
        assert [row.id for row in orm.all_models(self.Node)] == [alone.id]

    def test_an_upsert_of_a_parent_keeps_its_children(self, orm: OrmDsl) -> None:
        """A row that is put in the place of another is the same to those that refer to it: nothing goes, nothing is set to `None`."""
        self.family(orm)
        assert orm.upsert_and_verify(self.Parent, id="p", name="again").name == "again"
        assert orm.get_and_verify_exists(self.Orphan, id="of p").parent == "p"
        orm.get_and_verify_exists(self.Gone, id="of p")

    def test_an_update_of_a_parent_keeps_its_children(self, orm: OrmDsl) -> None:
        """A parent is changed like any other row, and its children stay."""
        parent = self.family(orm)
        orm.update_and_verify(parent, name="again", boss="q")
        orm.get_and_verify_exists(self.Gone, id="of p")

    @requires("bulk")
    def test_several_children_are_created_or_none(self, orm: OrmDsl) -> None:
        """Of rows that are created at once, one without a parent keeps all of them out."""
        orm.create_and_verify(self.Parent, id="p")
        orm.create_many_and_verify(self.Gone, [{"id": key, "parent": "p"} for key in "ab"])
        with pytest.raises(VerificationError, match="ForeignKeyError"):
            orm.create_many_and_verify(
                self.Gone, [{"id": "c", "parent": "p"}, {"id": "d", "parent": "nobody"}]
            )
        orm.query_and_verify_count(self.Gone, 2)

    @requires("bulk")
    def test_rows_created_at_once_may_refer_to_each_other(self, orm: OrmDsl) -> None:
        """A row may refer to one that stands before it among those that are created with it."""
        rows = [{"id": "boss"}, {"id": "worker", "boss": "boss"}, {"id": "helper", "boss": "worker"}]
        orm.create_many_and_verify(self.Parent, rows)
        assert orm.get_and_verify_exists(self.Parent, boss="worker").id == "helper"

    def test_parents_are_made_before_their_children(self, orm: OrmDsl) -> None:
        """`given` makes the rows that a row has to refer to, all the way up, and the order of the models does not matter."""
        under = orm.given(self.Under)
        gone = orm.get_and_verify_exists(self.Gone, id=under.gone)
        orm.get_and_verify_exists(self.Parent, id=gone.parent)
        assert orm.given(self.Kept, parent=gone.parent).parent == gone.parent
        orm.query_and_verify_count(self.Parent, 1)

    def test_a_clear_removes_all_whatever_refers_to_what(self, orm: OrmDsl) -> None:
        """Restrictions, rows that refer to themselves and circles do not hold rows back when everything goes."""
        self.family(orm)
        orm.create_and_verify(self.Under, id="u", gone="of p")
        orm.create_and_verify(self.Parent, id="own boss", boss="own boss")
        one = orm.create_and_verify(self.Node, name="one")
        other = orm.create_and_verify(self.Node, name="other", above=one.id)
        orm.update_and_verify(one, above=other.id)
        assert orm.clear_storage().success
        for model in (self.Parent, self.Kept, self.Gone, self.Orphan, self.Under, self.Node):
            orm.query_and_verify_count(model, 0)

    @requires("transactions")
    def test_a_refused_reference_does_not_poison_a_transaction(self, orm: OrmDsl) -> None:
        """After a row without a parent, and a parent that is needed, the transaction goes on, and all else of it is kept."""
        with orm.transaction():
            parent = orm.create_and_verify(self.Parent, id="p")
            orm.expect_create_failure(self.Kept, ForeignKeyError, id="k", parent="nobody")
            orm.create_and_verify(self.Kept, id="k", parent="p")
            orm.expect_delete_failure(parent, ForeignKeyError)
            orm.create_and_verify(self.Orphan, id="o", parent="p")
        orm.get_and_verify_exists(self.Kept, id="k", parent="p")
        orm.get_and_verify_exists(self.Orphan, id="o", parent="p")

    @requires("transactions")
    def test_a_rollback_brings_back_what_a_cascade_took(self, orm: OrmDsl) -> None:
        """What a delete did to the rows of other models is undone with it."""
        parent = orm.create_and_verify(self.Parent, id="p")
        orm.create_and_verify(self.Gone, id="g", parent="p")
        orm.create_and_verify(self.Orphan, id="o", parent="p")
        with orm.expect_rollback(ZeroDivisionError):
            orm.delete_and_verify(parent)
            orm.query_and_verify_count(self.Gone, 0)
            raise ZeroDivisionError
        orm.get_and_verify_exists(self.Gone, id="g", parent="p")
        orm.get_and_verify_exists(self.Orphan, id="o", parent="p")
