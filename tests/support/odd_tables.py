"""Models whose tables SQL has to be careful with: circles, words and marks of its own, names that differ in case."""

from orm_testing import Field, Model


class Hen(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    egg: int | None = Field(None, references="Egg")


class Egg(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    hen: int | None = Field(None, references=Hen)


class Odd(Model):
    __tablename__ = 'group "%s" order'
    __indexes__ = [("select", "pct")]

    id: str = Field(primary_key=True, alias="from", max_length=5)
    select: str = Field("s", unique=True, max_length=9)
    pct: int = Field(5, alias="100 %", comment='it\'s "%s"')
    gone: int = 0


class Odder(Model):
    __tablename__ = 'group "%s" order'

    id: str = Field(primary_key=True, alias="from", max_length=5)
    where: str = Field("s", unique=True, alias="100 %", max_length=9)
    pct: str = Field("", alias="select")


class Plain(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""


class Named(Model):
    __tablename__ = "Plain"
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""
    more: int = 1
