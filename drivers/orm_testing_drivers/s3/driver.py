"""`S3Driver`: rows as JSON objects of a bucket, and attachments beside them, through boto3.

Known differences from the contract, beside those of `KeyedDriver`:

- there are no transactions: S3 writes one object at a time;
- a key, a unique value and the beginning of a key are found by the server, and conditions on keys choose which objects are
  read; all else is judged here, and so are order, pages and aggregates (`filtering`, `ordering`);
- a client of the test's own that writes a row has to make the claims of its unique values, or it is not found by them;
- where the server has no conditional writes (`conditional_writes`; `rclone serve s3` has none), it is asked before a row
  is made, and whoever writes at that moment is not noticed: `sessions` is absent there;
- a unique value is claimed by an object of its own before the row is written, and given up after it is removed: a
  crash between the two, or an answer that is lost, may leave a value that no row has and none can take, until a reset;
- of a conditional write that had to be sent again nobody can tell who was first, itself or another: `ConflictError`;
- `create_many` writes one row after the other, and removes those it made where one fails: others may see them meanwhile;
- an attachment that is made while its row is being deleted may stay, unseen until a row with that key comes;
- the name of a row's object, with namespace, model and escapes, has at most 1024 bytes (`max_key_bytes`); an integer has
  at most 4300 digits;
- async tests are served from a thread.
"""

from typing import Any

from orm_testing.capabilities import Capabilities
from orm_testing.errors import NotFoundError, OperationError
from orm_testing.operations import (
    AttachmentOperation,
    AttachOperation,
    ClearOperation,
    DetachOperation,
    shown_bytes,
)
from orm_testing.schema import ModelSchema
from orm_testing_drivers.nosql.driver import KeyedDriver
from orm_testing_drivers.s3.collection import S3Collection
from orm_testing_drivers.s3.errors import translated
from orm_testing_drivers.s3.layout import MAX_NAME_BYTES
from orm_testing_drivers.s3.numbers import Numbers
from orm_testing_drivers.s3.objects import Objects
from orm_testing_drivers.s3.store import S3Store

_BINARY = "application/octet-stream"
_SHOWN_BYTES = 1000
_UNCONDITIONAL = ("rclone",)


class S3Driver(KeyedDriver):
    """Works on AWS, MinIO, rclone and moto alike."""

    capabilities = Capabilities(
        "aggregates", "attachments", "autoincrement", "backdoor", "bulk", "clock", "conditional_writes", "sessions", "trio", "unique",
        "astral_names", "decimal_scale", "empty_key", "float_infinity", "float_nan", "negative_zero",
        "null_character_in_text", "lone_surrogates_in_text",
        datetime_precision="microsecond", integer_bits=None, decimal_digits=None, float_magnitude=None,
        filtering="partly", ordering="client", max_item_bytes=None, max_key_bytes=MAX_NAME_BYTES,
    )  # fmt: skip
    store: S3Store
    _collections: dict[ModelSchema, S3Collection]  # type: ignore[assignment]

    @classmethod
    def capabilities_on(cls, product: str) -> Capabilities:
        if product.startswith(_UNCONDITIONAL):
            return cls.capabilities.without("conditional_writes", "sessions")
        return cls.capabilities

    def open(self) -> None:
        self._open_on(S3Store)
        if not self.store.conditional:
            self.capabilities = self.capabilities.without("conditional_writes", "sessions")
        client = self.store.client(self._heard)
        self._closing.callback(client.close)
        self._objects = Objects(client, self.store.bucket, conditional=self.store.conditional)
        self._numbers = Numbers(self._objects)

    def collection(self, schema: ModelSchema) -> S3Collection:
        return S3Collection(schema, self.store.layout(schema), self._objects, self._numbers)

    def execute_clear(self, operation: ClearOperation) -> Any:
        """All models at once."""
        ours = tuple(collection.layout.rows for collection in self._collections.values())
        names = self._objects.names(self.store.beginning)
        self._objects.remove_all([name for name, _ in names if name.startswith(ours)])

    def execute_attach(self, operation: AttachOperation) -> Any:
        schema, collection = self._of(operation)
        key = collection.key_of(self.key_of(operation.instance))
        layout = self.store.layout(schema)
        name = layout.checked(layout.file(key, operation.name))
        if collection.find(key) is None:
            raise self._not_found(schema, operation.instance)
        self._objects.put(name, operation.content, _BINARY)

    def execute_attachment(self, operation: AttachmentOperation) -> Any:
        found = self._objects.get(self._file(operation))
        if found is None:
            raise self._not_attached(operation)
        return found[0]

    def execute_detach(self, operation: DetachOperation) -> Any:
        name = self._file(operation)
        if self._objects.first(name) != name:
            raise self._not_attached(operation)
        self._objects.remove(name)

    def reset(self) -> None:
        self._numbers.forget()
        super().reset()

    def translate_error(self, error: Exception) -> OperationError | None:
        return translated(error)

    def _file(self, operation: AttachmentOperation | DetachOperation) -> str:
        schema, collection = self._of(operation)
        return self.store.layout(schema).file(
            collection.key_of(self.key_of(operation.instance)), operation.name
        )

    def _not_attached(self, operation: AttachmentOperation | DetachOperation) -> NotFoundError:
        name, key = operation.model_class.__name__, dict(self.key_of(operation.instance))
        return NotFoundError(f"{name} {key!r} has no attachment {operation.name!r}", model=name)

    def _heard(self, request: str, parameters: Any) -> None:
        body = parameters.get("Body")
        shown = {"Body": shown_bytes(body)} if isinstance(body, bytes) and len(body) > _SHOWN_BYTES else {}
        super()._heard(request, {**parameters, **shown})
        self.store.heard(request, parameters)
