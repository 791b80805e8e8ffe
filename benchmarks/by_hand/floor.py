"""What a careful person writes with the client of each product: a model's rows, for the same contract as the verbs'."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orm_testing import Field, Model


class Note(Model):
    id: str = Field(primary_key=True)
    title: str
    size: int = Field(ge=0, default=0)
    at: datetime | None = None


THREE = tuple(
    type(
        f"Note{number}",
        (Model,),
        {
            "__annotations__": {"id": str, "title": str, "size": int},
            "__module__": __name__,
            "id": Field(primary_key=True),
            "title": Field(unique=True),
            "size": 0,
        },
    )
    for number in range(3)
)
"""Each with an index of its own, where a product has any."""
AT = datetime(2026, 1, 2, 3, 4, 5, 678000)


def data(number: int) -> dict[str, Any]:
    return {"id": f"n{number}", "title": f"title {number}", "size": number % 100, "at": AT}


class ByHand(ABC):
    """Every value is validated by the model on its way in and out; what is absent or taken is noticed."""

    @abstractmethod
    def clear(self) -> None: ...

    @abstractmethod
    def insert(self, row: Mapping[str, Any]) -> None: ...

    @abstractmethod
    def find(self, key: str) -> dict[str, Any]: ...

    @abstractmethod
    def change(self, old: dict[str, Any], new: dict[str, Any]) -> None: ...

    @abstractmethod
    def remove(self, key: str) -> None: ...

    @abstractmethod
    def put(self, row: Mapping[str, Any]) -> None: ...

    @abstractmethod
    def large(self, size: int) -> list[dict[str, Any]]:
        """The rows of at least this size, by size and key."""

    @abstractmethod
    def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """By the client's own batch call."""

    @abstractmethod
    def fill(self) -> None:
        """Three rows of each of three models."""

    @abstractmethod
    def anew(self) -> None:
        """Delete what the three models are kept in, and make it again."""

    def create(self, number: int) -> None:
        self.insert(Note.model_validate(data(number)).__dict__)

    def get(self, number: int) -> None:
        assert Note.model_validate(self.find(f"n{number}")).size == number % 100

    def update(self, number: int) -> None:
        old = self.find(f"n{number}")
        self.change(old, Note.model_validate({**old, "title": "new"}).__dict__)

    def delete(self, number: int) -> None:
        self.remove(f"n{number}")

    def upsert(self, number: int) -> None:
        self.put(Note.model_validate(data(number)).__dict__)

    def query(self, number: int) -> None:
        del number
        assert len([Note.model_validate(row) for row in self.large(45)]) == 5

    def create_many(self, number: int) -> None:
        self.insert_many([Note.model_validate(data(each)).__dict__ for each in range(number)])


def by_size(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["size"], row["id"]))
