"""Models whose tables a store has to be careful with: circles, and words and marks that mean something to it."""

from orm_testing.model import Field, Model


class Hen(Model):
    """It refers to eggs, which refer to hens."""

    id: int | None = Field(None, primary_key=True, generated=True)
    egg: int | None = Field(None, references="Egg")


class Egg(Model):
    """It refers to hens, which refer to eggs."""

    id: int | None = Field(None, primary_key=True, generated=True)
    hen: int | None = Field(None, references=Hen)


class Duck(Model):
    """What hens may become."""

    __tablename__ = "Hen"
    id: int | None = Field(None, primary_key=True, generated=True)
    egg: int | None = Field(None, references="Egg", on_delete="set_null")
    name: str = "d"


class Odd(Model):
    """Names and comments that break out of quotes, and mean something in SQL and in formats."""

    __tablename__ = 'group "%s" order'
    __indexes__ = (("select", "pct"),)

    id: str = Field(primary_key=True, alias="from", max_length=5)
    select: str = Field("s", unique=True, max_length=9)
    pct: int = Field(5, alias="100 %", comment='it\'s "%s"')
    gone: int = 0


class Odder(Model):
    """What it becomes: its columns change their names among each other."""

    __tablename__ = 'group "%s" order'

    id: str = Field(primary_key=True, alias="from", max_length=5)
    where: str = Field("s", unique=True, alias="100 %", max_length=9)
    pct: str = Field("", alias="select")


class Plain(Model):
    """A key that the store counts, and a name."""

    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""


class Named(Model):
    """The same with a field more."""

    __tablename__ = "Plain"
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""
    more: int = 1


class Numbered(Model):
    """The same with a name that is a number."""

    __tablename__ = "Plain"
    id: int | None = Field(None, primary_key=True, generated=True)
    name: int = 0
