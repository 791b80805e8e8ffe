"""The project's models, as it has them already."""

from activerecord import Field, Record


class Thing(Record):
    id = Field(primary_key=True)
    label = Field(unique=True)
    price = Field(default=0)
