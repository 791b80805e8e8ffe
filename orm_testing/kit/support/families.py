"""Models that refer to each other, in every way in which a row may go when the one that it refers to goes."""

from orm_testing.kit.support.cases import Cases, stored
from orm_testing.model import Field, Model


class Parent(Model):
    """What the others refer to; it may refer to another of its kind, which stays as long as it does."""

    id: str = Field(primary_key=True)
    name: str = ""
    boss: str | None = Field(None, references="Parent")


class Kept(Model):
    """It keeps its parent from going."""

    id: str = Field(primary_key=True)
    parent: str = Field(references=Parent)


class Gone(Model):
    """It goes with its parent."""

    id: str = Field(primary_key=True)
    parent: str = Field(references=Parent, on_delete="cascade")
    code: str | None = Field(None, unique=True)


class Orphan(Model):
    """It stays behind when its parent goes."""

    id: str = Field(primary_key=True)
    parent: str | None = Field(None, references=Parent, on_delete="set_null")
    other: str | None = Field(None, references=Parent, on_delete="set_null")


class Under(Model):
    """It keeps one from going that would go with its parent."""

    id: str = Field(primary_key=True)
    gone: str = Field(references=Gone)


class Lower(Model):
    """It goes with one that goes with its parent."""

    id: str = Field(primary_key=True)
    gone: str = Field(references=Gone, on_delete="cascade")


class Node(Model):
    """It goes with another of its kind."""

    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""
    above: int | None = Field(None, references="Node", on_delete="cascade")


class FamilyCases(Cases):
    """A theme whose cases store families. Children are named before their parents: the order of making them is not the test's."""

    Under = stored(Under)
    Lower = stored(Lower)
    Kept = stored(Kept)
    Gone = stored(Gone)
    Orphan = stored(Orphan)
    Node = stored(Node)
    Parent = stored(Parent)
