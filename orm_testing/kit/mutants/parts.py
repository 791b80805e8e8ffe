"""What mutants say and ask: answers in the driver's stead, and what is in the store."""

from collections.abc import Iterable, Mapping
from typing import Any

from orm_testing.driver import DriverInterface
from orm_testing.errors import DuplicateKeyError, NotFoundError, OperationError
from orm_testing.operations import Operation
from orm_testing.results import OperationResult
from orm_testing.schema import ModelSchema, schema_of

Result = OperationResult[Any]


def schema_in(operation: Operation) -> ModelSchema:
    """The schema of the model that the operation speaks of."""
    named: Any = operation
    return schema_of(named.model_class)


def answered(driver: DriverInterface, operation: Operation, answer: Any = None) -> Result:
    """It worked, and this is the answer."""
    instance = answer if operation.answers == "instance" else None
    return OperationResult(
        True, answer, None, instance, operation=operation, backend=driver.get_backend_name()
    )


def refused(driver: DriverInterface, operation: Operation, error: OperationError) -> Result:
    """It failed, for this reason."""
    return OperationResult(False, None, error, operation=operation, backend=driver.get_backend_name())


def taken(driver: DriverInterface, operation: Operation, fields: Iterable[str]) -> Result:
    """It failed, because these fields are another row's."""
    name = schema_in(operation).name
    error = DuplicateKeyError(f"{name} has a row with this {', '.join(fields)}", model=name, fields=fields)
    return refused(driver, operation, error)


def not_found(driver: DriverInterface, operation: Operation) -> Result:
    """It failed, because there is no such row."""
    name = schema_in(operation).name
    return refused(driver, operation, NotFoundError(f"no {name} is there", model=name))


def key_in(schema: ModelSchema, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The key that the data names, or None where it lacks a part."""
    key = {name: data.get(name) for name in schema.key}
    return None if None in key.values() else key


def rest_of(schema: ModelSchema, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are no part of the key."""
    return {name: value for name, value in values.items() if name not in schema.key}


def times_of(schema: ModelSchema) -> list[str]:
    """The fields that the system under test fills with times."""
    return [field.name for field in schema.fields if field.auto_now or field.auto_now_add]


def stored_values(driver: DriverInterface, instance: Any) -> dict[str, Any]:
    """The row that has the instance's key, as it is stored; empty where there is none."""
    rows = driver.rows(type(instance), driver.key_of(instance))
    return rows[0] if rows else {}
