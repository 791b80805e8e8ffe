"""`orm-testing certify`: the kit on one backend, told as a table of themes."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from orm_testing.errors import ConfigurationError
from orm_testing.kit.cases import THEMES
from orm_testing.kit.running import Outcome, run
from orm_testing.operations import Operation
from orm_testing.plugin.accounting import STATES

Say = Callable[[str], None]


def certified(backend: str, arguments: Sequence[str], say: Say) -> bool:
    """Whether the backend's driver keeps the contract, as far as the kit ran on it; what it found is said line by line."""
    told = run(arguments, kit=[backend])
    if not told.outcomes:
        raise ConfigurationError(f"no case of the kit ran on {backend!r}.\n{told.output}")
    fingerprint = next((each.fingerprint for each in told.outcomes if each.fingerprint), "")
    say(f"{backend}: {fingerprint or 'nothing of it answered'}")
    for line in table(told.outcomes):
        say(line)
    for line in _differences(told.outcomes):
        say(line)
    if never := _never_carried_out(told.outcomes):
        say(f"operations that the driver carried out in no case: {', '.join(never)}")
    for outcome in told.broken:
        say(f"{outcome.state.upper()} {outcome.test}: {outcome.says}\n  {_short(outcome.why)}")
    ran = any(each.state == "passed" for each in told.outcomes)
    if not told.passed and not told.broken:
        say(told.output.rstrip())
    kept = told.passed and ran
    known = sum(each.state.startswith("known failure") for each in told.outcomes)
    but = f", but for {known} known failure{'s' * (known > 1)}" if known else ""
    if kept:
        say(f"{backend} keeps the contract in all that it declares{but}.")
    else:
        say(f"{backend} does not keep the contract.")
    return kept


def table(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """A row per theme, a column per state that occurs."""
    counts = {theme.__name__: Counter[str]() for theme in THEMES}
    for outcome in outcomes:
        counts.setdefault(outcome.theme, Counter())[outcome.state] += 1
    states = [state for state in STATES if any(each[state] for each in counts.values())]
    width = max(map(len, counts))
    yield f"{'theme':<{width}}  {'  '.join(states)}  seconds"
    for theme, count in counts.items():
        if not count:
            continue
        seconds = sum(each.seconds for each in outcomes if each.theme == theme)
        cells = "  ".join(f"{count[state] or '':>{len(state)}}" for state in states)
        yield f"{theme:<{width}}  {cells}  {seconds:7.2f}"


def _differences(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """What the driver declares that it cannot do, in the words of the reports."""
    reasons = Counter(
        each.why.removeprefix("Skipped: ").removeprefix("unsupported: ")
        for each in outcomes
        if each.state == "unsupported"
    )
    for reason, number in reasons.items():
        yield f"unsupported: {reason} ({number} case{'s' * (number > 1)})"
    known = [each for each in outcomes if each.state.startswith("known failure")]
    for outcome in known:
        yield f"{outcome.state}: {outcome.test}: {outcome.says}"


def _never_carried_out(outcomes: Sequence[Outcome]) -> list[str]:
    """The verbs that a driver with these capabilities could be asked for, and that none was."""
    able = {name for outcome in outcomes for name in outcome.capabilities}
    done = {name for outcome in outcomes for name in outcome.operations}
    possible = {each.verb for each in Operation.__subclasses__() if each.needs is None or each.needs in able}
    return sorted(possible - done)


def _short(why: str) -> str:
    lines = [line.strip() for line in why.splitlines() if line.strip()]
    return lines[0] if lines else "no reason was given"
