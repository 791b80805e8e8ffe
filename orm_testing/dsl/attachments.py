"""Verbs of attachments: what is given, what comes back and what the store has are held against each other by their hashes."""

import hashlib
from collections.abc import Mapping
from typing import Any

from orm_testing.dsl.context import Context
from orm_testing.dsl.known import Attached
from orm_testing.dsl.steps import ReadAttachment, ReadBack, Verb
from orm_testing.errors import NotFoundError, ValidationError, is_judgement
from orm_testing.operations import AttachmentOperation, AttachOperation, DetachOperation
from orm_testing.results import OperationResult

__tracebackhide__ = is_judgement

Held = dict[str, str]
"""By its name, what an attachment is: its length and its hash, or that it is none."""


def attach(context: Context, instance: Any, name: str, content: bytes) -> Verb[None]:
    """What is stored is what was given, and the row and its other attachments are as they were."""
    model_class, key = type(instance), context.driver.key_of(instance)
    operation = AttachOperation(model_class, instance, _name(name), _content(content))
    row = yield ReadBack(model_class, key)
    before = yield from held(context, model_class, key)
    result = yield operation
    context.value(result)
    if context.alone and not context.same(row, (yield ReadBack(model_class, key))):
        raise context.failure("attach", f"the row changed too: it was {row!r}", result, key)
    if context.alone and not row:
        raise context.failure("attach", "it succeeded, and no row has this key", result, key)
    context.attached(model_class, key).names.add(name)
    yield from unchanged(context, "attach", result, key, {**before, name: _told(operation.content)})


def attachment(context: Context, instance: Any, name: str) -> Verb[bytes]:
    """What comes back is what is stored; `NotFoundError` where nothing is."""
    model_class, key = type(instance), context.driver.key_of(instance)
    result = yield AttachmentOperation(model_class, instance, _name(name))
    found = result.peek()
    if found is None or isinstance(found, NotFoundError):
        told = {name: _told(None if found else result.data)}
        yield from unchanged(context, "attachment", result, key, told, "returned")
    content: bytes = context.value(result)
    return content


def detach(context: Context, instance: Any, name: str) -> Verb[None]:
    """It is gone from the store, and the row's other attachments are as they were."""
    model_class, key = type(instance), context.driver.key_of(instance)
    operation = DetachOperation(model_class, instance, _name(name))
    before = yield from held(context, model_class, key)
    result = yield operation
    context.value(result)
    yield from unchanged(context, "detach", result, key, {**before, name: _told(None)})


def held(context: Context, model_class: type[Any], key: Mapping[str, Any]) -> Verb[Held]:
    """What the store has under the names that the test attached anything to this row by."""
    names = sorted(context.attached(model_class, key).names)
    return (yield from _look(context, model_class, key, names))


def all_held(context: Context) -> Verb[list[tuple[Attached, Held]]]:
    """The same of every row that the test attached anything to."""
    before = []
    for each in list(context.attachments.values()):
        of_row = yield from held(context, each.model_class, each.key)
        before.append((each, of_row))
    return before


def all_unchanged(
    context: Context, verb: str, result: OperationResult[Any], before: list[tuple[Attached, Held]]
) -> Verb[None]:
    """Every row has attached what it had."""
    for each, expected in before:
        yield from unchanged(context, verb, result, each.key, expected, "before", each.model_class)


def gone(context: Context, verb: str, result: OperationResult[Any], key: Mapping[str, Any]) -> Verb[None]:
    """A row that is gone has left none of what the test attached to it."""
    operation: Any = result.operation
    names = context.attached(operation.model_class, key).names
    yield from unchanged(context, verb, result, key, dict.fromkeys(names, _told(None)))


def unchanged(
    context: Context,
    verb: str,
    result: OperationResult[Any],
    key: Mapping[str, Any],
    expected: Held,
    meant: str = "expected",
    model_class: type[Any] | None = None,
) -> Verb[None]:
    """The store has just this; where others write at the same time, nothing can be said of it."""
    if not context.alone:
        return
    operation: Any = result.operation
    model_class = model_class or operation.model_class
    found = yield from _look(context, model_class, key, expected)
    for name, told in expected.items():
        if told != found[name]:
            problem = f"the attachment {name!r} differs\n  {meant + ':':<10}{told}\n  stored:   {found[name]}"
            raise context.failure(verb, problem, result, key, model_class)


def _look(context: Context, model_class: type[Any], key: Mapping[str, Any], names: Any) -> Verb[Held]:
    found: Held = {}
    for name in names if context.alone else ():
        found[name] = _told((yield ReadAttachment(model_class, key, name)))
    return found


def _told(content: bytes | None) -> str:
    if content is None:
        return "none"
    return f"{len(content)} bytes with the SHA-256 {hashlib.sha256(content).hexdigest()}"


def _name(name: Any) -> str:
    if not isinstance(name, str) or not name:
        raise ValidationError(f"an attachment is named by text, not by {name!r}.")
    return name


def _content(content: Any) -> bytes:
    if not isinstance(content, bytes | bytearray | memoryview):
        raise ValidationError(f"an attachment is of bytes, not of {type(content).__name__}.")
    return bytes(content)
