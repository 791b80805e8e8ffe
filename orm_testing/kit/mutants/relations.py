"""Faults of relations."""

from collections.abc import Iterator
from typing import Any

from orm_testing.errors import ForeignKeyError
from orm_testing.kit.cases.relations import Relations
from orm_testing.kit.mutants.bases import Child, Relating, Result, answered, refused
from orm_testing.operations import (
    ClearOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    GetOperation,
    Operation,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.schema import ModelSchema, SchemaSet, schema_of


class MakesTheMissingParent(Relating):
    """A reference to a row that is not there makes that row."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if not isinstance(operation, CreateOperation | UpsertOperation) or not _lacks_a_parent(result):
            return result
        schema = self.relations.of(operation.model_class)
        for parent, key in _named(self.relations, schema, operation):
            super().execute(CreateOperation(parent.model_class, {parent.key[0]: key}))
        return super().execute(operation)


class UpdatesToNowhere(Relating):
    """An update whose reference leads nowhere sets it to `None` instead, or leaves it as it is, and succeeds."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and _lacks_a_parent(result):
            key = schema_of(operation.model_class).key_of(operation.instance)
            return super().execute(GetOperation(operation.model_class, key))
        return result


class NamesTheFirstReference(Relating):
    """Of several references it names the first, whichever leads nowhere."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if isinstance(operation, CreateOperation) and isinstance(error, ForeignKeyError):
            field, _ = self.relations.parents(self.relations.of(operation.model_class))[0]
            error.fields = (field.name,)
        return result


class IgnoresRestrict(Relating):
    """A parent that is needed goes all the same, and takes those that need it along."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if not isinstance(operation, DeleteOperation) or not _lacks_a_parent(result):
            return result
        for _, child in self.children(operation.model_class, operation.instance):
            self.execute(DeleteOperation(type(child), child))
        return super().execute(operation)


class CascadeRestricts(Relating):
    """A parent whose children should go with it stays."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, DeleteOperation):
            for field, _ in self.children(operation.model_class, operation.instance):
                if field.on_delete == "cascade":
                    return refused(self, operation, ForeignKeyError("it has children"))
        return super().execute(operation)


class CascadeIsNotDeep(Relating):
    """A cascade stops at rows that others would have to go with, and is refused."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, DeleteOperation):
            for field, child in self.children(operation.model_class, operation.instance):
                below = self.children(type(child), child)
                if field.on_delete == "cascade" and any(held.on_delete == "cascade" for held, _ in below):
                    return refused(self, operation, ForeignKeyError("it has grandchildren"))
        return super().execute(operation)


class SetNullDeletes(Relating):
    """Children that should stay behind go with their parent."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        children: list[Child] = []
        if isinstance(operation, DeleteOperation):
            children = self.children(operation.model_class, operation.instance)
        result = super().execute(operation)
        for field, child in children if result.peek() is None else ():
            if field.on_delete == "set_null":
                super().execute(DeleteOperation(type(child), child))
        return result


class ARefusedCascadeIsHalfDone(Relating):
    """A delete that meets a restriction has taken the children that it came to before."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DeleteOperation) and _lacks_a_parent(result):
            for field, child in self.children(operation.model_class, operation.instance):
                if field.on_delete == "cascade":
                    super().execute(DeleteOperation(type(child), child))
        return result


class RefusesItself(Relating):
    """A row cannot refer to itself."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            schema = self.relations.of(operation.model_class)
            for parent, key in _named(self.relations, schema, operation):
                if parent is schema and key == operation.data.get(schema.key[0]):
                    return refused(self, operation, ForeignKeyError("it is not there yet"))
        return super().execute(operation)


class AnUpsertReplacesByDeleting(Relating):
    """An upsert deletes the row that it replaces, and with it what would go with that."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, UpsertOperation):
            schema = self.relations.of(operation.model_class)
            if operation.data.keys() >= set(schema.key):
                for _, child in self.children(operation.model_class, schema.instance(operation.data)):
                    super().execute(DeleteOperation(type(child), child))
        return super().execute(operation)


class ClearsOnlyWhatNobodyNeeds(Relating):
    """A clear leaves the rows that others refer to."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        needed: list[tuple[ModelSchema, dict[str, Any]]] = []
        if isinstance(operation, ClearOperation):
            for schema in self.relations:
                alone: dict[str, Any] = {field.name: None for field, _ in self.relations.parents(schema)}
                stored = self.rows(schema.model_class)
                held = [row for row in stored if self.children(schema.model_class, schema.instance(row))]
                needed += [(schema, {**row, **alone}) for row in held]
        result = super().execute(operation)
        for schema, row in needed:
            super().execute(CreateOperation(schema.model_class, row))
        return result


class AReferenceHasToLeadSomewhere(Relating):
    """A reference that was given cannot be taken back to `None`."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, UpdateOperation):
            parents = self.relations.parents(self.relations.of(operation.model_class))
            if any(operation.changes.get(field.name, field) is None for field, _ in parents):
                return refused(self, operation, ForeignKeyError("None is not there"))
        return super().execute(operation)


class ChildrenAreNotFound(Relating):
    """A query by a reference finds no rows."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, QueryOperation) and isinstance(operation.filters, dict):
            parents = self.relations.parents(self.relations.of(operation.model_class))
            if any(operation.filters.get(field.name) is not None for field, _ in parents):
                return answered(self, operation, [])
        return result


class SeveralWithoutAParentAreHalfDone(Relating):
    """Of rows that are created at once, those before the one without a parent stay."""

    themes = (Relations,)
    needs = ("foreign_keys", "bulk")

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateManyOperation) and _lacks_a_parent(result):
            for row in operation.rows:
                if super().execute(CreateOperation(operation.model_class, row)).peek() is not None:
                    break
        return result


class SeveralDoNotKnowEachOther(Relating):
    """Rows that are created at once cannot refer to each other."""

    themes = (Relations,)
    needs = ("foreign_keys", "bulk")

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateManyOperation):
            schema = self.relations.of(operation.model_class)
            keys = [row.get(schema.key[0]) for row in operation.rows]
            own = [field.name for field, parent in self.relations.parents(schema) if parent is schema]
            if any(
                row.get(name) in keys for row in operation.rows for name in own if row.get(name) is not None
            ):
                return refused(self, operation, ForeignKeyError("it is not there yet"))
        return super().execute(operation)


class AnUpdateOfAParentOrphans(Relating):
    """Children that could stay behind lose their parent when it is changed."""

    themes = (Relations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        children: list[Child] = []
        if isinstance(operation, UpdateOperation):
            children = self.children(operation.model_class, operation.instance)
        result = super().execute(operation)
        for field, child in children:
            if field.on_delete == "set_null":
                super().execute(UpdateOperation(type(child), child, {field.name: None}))
        return result


def _lacks_a_parent(result: Result) -> bool:
    return isinstance(result.peek(), ForeignKeyError)


def _named(
    relations: SchemaSet, schema: ModelSchema, operation: CreateOperation | UpsertOperation
) -> Iterator[tuple[ModelSchema, Any]]:
    """The parents that the data names: model and key."""
    for field, parent in relations.parents(schema):
        key = operation.data.get(field.name)
        if key is not None:
            yield parent, key
