"""Faults of keys that the store makes."""

from uuid import UUID

from orm_testing.errors import ValidationError
from orm_testing.kit.cases.key_types import KeyTypes
from orm_testing.kit.cases.keys import Keys
from orm_testing.kit.cases.upsert import Upsert
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, key_in, refused, schema_in
from orm_testing.kit.mutants.patterns import Remembering
from orm_testing.operations import CreateOperation, DeleteOperation, Operation, UpsertOperation


class MakesAKeyAgain(Remembering):
    """The counted key of a row that was deleted is given to the next row."""

    themes = (Keys,)
    needs = ("autoincrement",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, DeleteOperation):
            result = super().execute(operation)
            if result.peek() is None:
                self.memory(operation.model_class.__name__, list).append(operation.instance)
            return result
        if isinstance(operation, CreateOperation) and key_in(schema_in(operation), operation.data) is None:
            gone = self.memory(operation.model_class.__name__, list)
            if gone:
                key = self.key_of(gone.pop())
                operation = CreateOperation(operation.model_class, {**operation.data, **key})
        return super().execute(operation)


class CountsOnItsOwn(Remembering):
    """Counted keys take no notice of those that were given."""

    themes = (Keys,)
    needs = ("autoincrement",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            schema = schema_in(operation)
            counted = schema.generated is not None and schema.generated.kind == "int"
            if counted and key_in(schema, operation.data) is None:
                made = self.memory()
                made[schema] = made.get(schema, 0) + 1
                key = {schema.key[0]: made[schema]}
                operation = CreateOperation(operation.model_class, {**operation.data, **key})
        return super().execute(operation)


class CountsDown(Remembering):
    """Counted keys fall."""

    themes = (Keys,)
    needs = ("autoincrement",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            schema = schema_in(operation)
            counted = schema.generated is not None and schema.generated.kind == "int"
            if counted and key_in(schema, operation.data) is None:
                made = self.memory()
                made[schema] = made.get(schema, 2**20) - 1
                key = {schema.key[0]: made[schema]}
                operation = CreateOperation(operation.model_class, {**operation.data, **key})
        return super().execute(operation)


class DrawsTheSameKey(Mutant):
    """The key that it draws is the same each time."""

    themes = (Keys, KeyTypes)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation | UpsertOperation):
            schema = schema_in(operation)
            drawn = schema.generated is not None and schema.generated.kind != "int"
            if drawn and key_in(schema, operation.data) is None:
                key = {schema.key[0]: str(UUID(int=1))}
                operation = type(operation)(operation.model_class, {**operation.data, **key})
        return super().execute(operation)


class IgnoresAGivenKey(Mutant):
    """A key that the store can make is made, though one is given."""

    themes = (Keys, KeyTypes)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            made = schema_in(operation).generated
            data = {
                name: value for name, value in operation.data.items() if made is None or name != made.name
            }
            operation = CreateOperation(operation.model_class, data)
        return super().execute(operation)


class RefusesNoneForAKeyThatIsMade(Mutant):
    """A key that is left to the store by name is refused."""

    themes = (Keys, Upsert)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation | UpsertOperation):
            made = schema_in(operation).generated
            if made is not None and operation.data.get(made.name, made) is None:
                name = schema_in(operation).name
                return refused(self, operation, ValidationError(f"{name} has no key", model=name))
        return super().execute(operation)


class AnswersWithoutTheKeyThatWasMade(Mutant):
    """A create answers with a row whose key is `None`, though one was made."""

    themes = (Keys, KeyTypes)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        made = schema_in(operation).generated if isinstance(operation, CreateOperation) else None
        if made is not None and result.peek() is None:
            values = {**self.values_of(result.instance), made.name: None}
            return answered(self, operation, schema_in(operation).instance(values))
        return result
