"""`orm` in plain functions: a mark says which backends, and which models."""

import pytest

from orm_testing import Field, Model


class Note(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    text: str = Field(max_length=200)
    pinned: bool = False


pytestmark = pytest.mark.orm_backends("inmemory", "sqlite", models=[Note])


@pytest.fixture
def pinned(orm):
    """A fixture may take `orm`: it prepares what several tests start from."""
    return orm.create_and_verify(Note, text="water the plants", pinned=True)


def test_the_store_makes_the_key(orm):
    """A key that the test does not name is made by the store, and is never made twice."""
    one, other = (orm.create_and_verify(Note, text="same") for _ in range(2))
    assert one.id != other.id


def test_unpin(orm, pinned):
    """A note that is unpinned is found among the unpinned, and only there."""
    orm.update_and_verify(pinned, pinned=False)
    orm.query_and_verify_count(Note, 1, pinned=False)
    orm.query_and_verify_count(Note, 0, pinned=True)


@pytest.mark.parametrize("text", ["", "naïve café", "Robert'); DROP TABLE Note;--", "🌱"])
def test_any_text(orm, text):
    """Any text comes back as it went in."""
    note = orm.create_and_verify(Note, text=text)
    orm.get_and_verify_exists(Note, id=note.id, text=text)


@pytest.mark.orm_backends("inmemory", models=[Note])
def test_with_a_mark_of_its_own(orm):
    """The mark on a function takes the place of the one on its module."""
    assert orm.is_backend("inmemory")
    assert orm.all_models(Note) == []
