"""The models of a shop, which the tests explore."""

from datetime import datetime
from decimal import Decimal

from orm_testing import Field, Model


class User(Model):
    id: str = Field(primary_key=True, max_length=8)
    email: str | None = Field(None, unique=True)
    age: int | None = Field(None, ge=0)
    tags: list[str] = Field(default_factory=list)
    changed_at: datetime | None = Field(None, auto_now=True)


class Order(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    user: str = Field(references=User, on_delete="cascade")
    total: Decimal = Decimal(0)
    paid: bool = False
