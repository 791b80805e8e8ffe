"""`Slipping`: a model whose own rule lets through what the column of its table does not hold."""

from typing import Annotated

from pydantic import AfterValidator

from orm_testing.model import Field, Model


def _none_for_nothing(text: str) -> str | None:
    return text or None


class Slipping(Model):
    """A text that is never `None` by its type, and is by its rule where it is empty."""

    id: str = Field(primary_key=True)
    text: Annotated[str, AfterValidator(_none_for_nothing)] = "some"
