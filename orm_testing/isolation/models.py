"""Whether a test changed a model's class, which every later test shares."""

from typing import Any


def state_of(model: type[Any]) -> dict[str, Any]:
    """What a test could change on the class: its attributes, and the fields as pydantic knows them."""
    state = {
        name: value
        for name, value in vars(model).items()
        if not name.startswith("__") and name != "_abc_impl"
    }
    return state | {f"field {name}": repr(info) for name, info in getattr(model, "model_fields", {}).items()}


def mutations(before: dict[type[Any], dict[str, Any]]) -> list[str]:
    """The classes that are no longer as they were, one sentence each."""
    found = []
    for model, state in before.items():
        now = state_of(model)
        changed = [
            name
            for name in {**state, **now}
            if now.get(name, now) is not state.get(name, state)
            and now.get(name, now) != state.get(name, state)
        ]
        if changed:
            found.append(f"the class {model.__name__} was changed: {', '.join(sorted(changed))}")
    return found
