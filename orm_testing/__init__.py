"""Write a persistence test once, in words that say what you mean; run it on every backend; believe the green."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orm_testing.backends import register_backend
    from orm_testing.base import AsyncMultiBackendTestBase, MultiBackendTestBase, multi_backend_test_class
    from orm_testing.capabilities import Capabilities
    from orm_testing.clock import Clock
    from orm_testing.descriptions import (
        ColumnDescription,
        ForeignKeyDescription,
        IndexDescription,
        TableDescription,
    )
    from orm_testing.driver import AsyncDriverInterface, DriverInterface
    from orm_testing.dsl.async_client import AsyncOrmDsl
    from orm_testing.dsl.client import OrmDsl
    from orm_testing.dsl.sessions import AsyncWorker, Worker
    from orm_testing.errors import (
        AccessError,
        CheckError,
        ConfigurationError,
        ConflictError,
        DriverContractError,
        DuplicateKeyError,
        ForeignKeyError,
        InvalidQueryError,
        MultipleResultsError,
        NotFoundError,
        OperationError,
        OrmTestingError,
        SchemaError,
        UnavailableError,
        UnsupportedError,
        ValidationError,
        ValueRangeError,
        VerificationError,
    )
    from orm_testing.filters import all_of, any_of, none_of, select_rows
    from orm_testing.inmemory import InMemoryDriver
    from orm_testing.marks import known_failure, new_store, only_backends, requires, skip_backend
    from orm_testing.mock import MockDriver
    from orm_testing.model import (
        AutoNow,
        AutoNowAdd,
        Comment,
        Field,
        Index,
        Model,
        PrimaryKey,
        References,
        Unique,
    )
    from orm_testing.operations import (
        AggregateOperation,
        AttachmentOperation,
        AttachOperation,
        BeginOperation,
        ClearOperation,
        CommitOperation,
        CountOperation,
        CreateManyOperation,
        CreateOperation,
        CreateSchemaOperation,
        DdlOperation,
        DeleteOperation,
        DescribeOperation,
        DetachOperation,
        DropSchemaOperation,
        EvolveOperation,
        ExistsOperation,
        GetOperation,
        Operation,
        QueryOperation,
        RollbackOperation,
        SchemaExistsOperation,
        UpdateOperation,
        UpsertOperation,
    )
    from orm_testing.results import OperationResult
    from orm_testing.rows import RowMaker
    from orm_testing.schema import FieldSchema, ModelSchema, SchemaSet, schema_of
    from orm_testing.store import Stale, Store

__all__ = [
    "AccessError",
    "AggregateOperation",
    "AsyncDriverInterface",
    "AsyncMultiBackendTestBase",
    "AsyncOrmDsl",
    "AsyncWorker",
    "AttachOperation",
    "AttachmentOperation",
    "AutoNow",
    "AutoNowAdd",
    "BeginOperation",
    "Capabilities",
    "CheckError",
    "ClearOperation",
    "Clock",
    "ColumnDescription",
    "Comment",
    "CommitOperation",
    "ConfigurationError",
    "ConflictError",
    "CountOperation",
    "CreateManyOperation",
    "CreateOperation",
    "CreateSchemaOperation",
    "DdlOperation",
    "DeleteOperation",
    "DescribeOperation",
    "DetachOperation",
    "DriverContractError",
    "DriverInterface",
    "DropSchemaOperation",
    "DuplicateKeyError",
    "EvolveOperation",
    "ExistsOperation",
    "Field",
    "FieldSchema",
    "ForeignKeyDescription",
    "ForeignKeyError",
    "GetOperation",
    "InMemoryDriver",
    "Index",
    "IndexDescription",
    "InvalidQueryError",
    "MockDriver",
    "Model",
    "ModelSchema",
    "MultiBackendTestBase",
    "MultipleResultsError",
    "NotFoundError",
    "Operation",
    "OperationError",
    "OperationResult",
    "OrmDsl",
    "OrmTestingError",
    "PrimaryKey",
    "QueryOperation",
    "References",
    "RollbackOperation",
    "RowMaker",
    "SchemaError",
    "SchemaExistsOperation",
    "SchemaSet",
    "Stale",
    "Store",
    "TableDescription",
    "UnavailableError",
    "Unique",
    "UnsupportedError",
    "UpdateOperation",
    "UpsertOperation",
    "ValidationError",
    "ValueRangeError",
    "VerificationError",
    "Worker",
    "all_of",
    "any_of",
    "known_failure",
    "multi_backend_test_class",
    "new_store",
    "none_of",
    "only_backends",
    "register_backend",
    "requires",
    "schema_of",
    "select_rows",
    "skip_backend",
]

_MODULES = {
    "backends": ("register_backend",),
    "base": ("AsyncMultiBackendTestBase", "MultiBackendTestBase", "multi_backend_test_class"),
    "capabilities": ("Capabilities",),
    "clock": ("Clock",),
    "descriptions": (
        "ColumnDescription",
        "ForeignKeyDescription",
        "IndexDescription",
        "TableDescription",
    ),
    "driver": ("AsyncDriverInterface", "DriverInterface"),
    "dsl.async_client": ("AsyncOrmDsl",),
    "dsl.client": ("OrmDsl",),
    "dsl.sessions": ("AsyncWorker", "Worker"),
    "errors": (
        "AccessError",
        "CheckError",
        "ConfigurationError",
        "ConflictError",
        "DriverContractError",
        "DuplicateKeyError",
        "ForeignKeyError",
        "InvalidQueryError",
        "MultipleResultsError",
        "NotFoundError",
        "OperationError",
        "OrmTestingError",
        "SchemaError",
        "UnavailableError",
        "UnsupportedError",
        "ValidationError",
        "ValueRangeError",
        "VerificationError",
    ),
    "filters": ("all_of", "any_of", "none_of", "select_rows"),
    "inmemory": ("InMemoryDriver",),
    "marks": ("known_failure", "new_store", "only_backends", "requires", "skip_backend"),
    "mock": ("MockDriver",),
    "model": (
        "AutoNow",
        "AutoNowAdd",
        "Comment",
        "Field",
        "Index",
        "Model",
        "PrimaryKey",
        "References",
        "Unique",
    ),
    "operations": (
        "AggregateOperation",
        "AttachmentOperation",
        "AttachOperation",
        "BeginOperation",
        "ClearOperation",
        "CommitOperation",
        "CountOperation",
        "CreateManyOperation",
        "CreateOperation",
        "CreateSchemaOperation",
        "DdlOperation",
        "DeleteOperation",
        "DescribeOperation",
        "DetachOperation",
        "DropSchemaOperation",
        "EvolveOperation",
        "ExistsOperation",
        "GetOperation",
        "Operation",
        "QueryOperation",
        "RollbackOperation",
        "SchemaExistsOperation",
        "UpdateOperation",
        "UpsertOperation",
    ),
    "results": ("OperationResult",),
    "rows": ("RowMaker",),
    "schema": ("FieldSchema", "ModelSchema", "SchemaSet", "schema_of"),
    "store": ("Stale", "Store"),
}
"""Which module brings which name: one is imported when a name of it is first asked for, so that pytest starts fast."""

_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"orm_testing.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
