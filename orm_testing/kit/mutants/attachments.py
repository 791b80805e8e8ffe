"""Faults of attachments."""

from dataclasses import replace
from typing import Any

from orm_testing.kit.mutants.living import Attaching
from orm_testing.kit.mutants.parts import Result, answered, not_found
from orm_testing.operations import (
    AttachmentOperation,
    AttachOperation,
    CreateOperation,
    DetachOperation,
    Operation,
    UpdateOperation,
)


class LosesTheLastByte(Attaching):
    """What is attached is stored without its last byte."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, AttachOperation):
            operation = replace(operation, content=operation.content[:-1])
        return super().execute(operation)


class AnswersTheFirstByte(Attaching):
    """What was attached is stored whole, and comes back cut off."""

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, AttachmentOperation) and result.peek() is None:
            return answered(self, operation, result.data[:1])
        return result


class AttachesNothing(Attaching):
    """It answers that the bytes are attached, and stores nothing."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, AttachOperation):
            return answered(self, operation)
        return super().execute(operation)


class ServesAnotherRowsAttachment(Attaching):
    """A row that has nothing under a name is served what another row has."""

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, AttachOperation) and result.peek() is None:
            vars(self).setdefault("held", {})[operation.name] = operation
        if isinstance(operation, AttachmentOperation) and result.peek() is not None:
            other = vars(self).get("held", {}).get(operation.name)
            if other is not None:
                return super().execute(AttachmentOperation(other.model_class, other.instance, operation.name))
        return result


class KeepsWhatIsThere(Attaching):
    """A name that is taken keeps what it has."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, AttachOperation):
            held = super().execute(
                AttachmentOperation(operation.model_class, operation.instance, operation.name)
            )
            if held.peek() is None:
                return answered(self, operation)
        return super().execute(operation)


class FoldsNames(Attaching):
    """Names are kept without minding their case."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, AttachOperation | AttachmentOperation | DetachOperation):
            operation = replace(operation, name=operation.name.lower())
        return super().execute(operation)


class DetachesNothing(Attaching):
    """It answers that an attachment was removed, and leaves it."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, DetachOperation):
            held = super().execute(
                AttachmentOperation(operation.model_class, operation.instance, operation.name)
            )
            return not_found(self, operation) if held.peek() is not None else answered(self, operation)
        return super().execute(operation)


class DetachesWhatIsNotThere(Attaching):
    """To remove what is not there is a success."""

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DetachOperation) and result.peek() is not None:
            return answered(self, operation)
        return result


class GivesItToTheNextRow(Attaching):
    """A new row has what a deleted row with its key had attached."""

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        held: dict[Any, AttachOperation] = vars(self).setdefault("held", {})
        if isinstance(operation, AttachOperation) and result.peek() is None:
            key = tuple(self.key_of(operation.instance).values())
            held[operation.model_class, key, operation.name] = operation
        if isinstance(operation, CreateOperation) and result.peek() is None:
            key = tuple(self.key_of(result.instance).values())
            for (model, of, _), attached in list(held.items()):
                if (model, of) == (operation.model_class, key):
                    super().execute(attached)
        return result


class LosesItOnUpdate(Attaching):
    """An update of a row removes what is attached to it."""

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, AttachOperation) and result.peek() is None:
            vars(self).setdefault("names", set()).add(operation.name)
        if isinstance(operation, UpdateOperation) and result.peek() is None:
            for name in vars(self).get("names", ()):
                super().execute(DetachOperation(operation.model_class, result.instance, name))
        return result
