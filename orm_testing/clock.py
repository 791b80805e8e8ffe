"""The test's clock, which `auto_now` and `auto_now_add` read."""

from datetime import UTC, datetime, timedelta

from orm_testing.errors import ConfigurationError


class Clock:
    """Real time until it is frozen; then it stands still, and moves only when it is advanced."""

    def __init__(self) -> None:
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """The time, aware and in UTC."""
        return self._frozen or datetime.now(UTC)

    def freeze(self, at: datetime | None = None) -> datetime:
        """Stop the clock, now or `at` a time (a naive one is taken as UTC), and say what it shows."""
        at = at or self.now()
        if not isinstance(at, datetime):
            raise ConfigurationError(f"the clock is frozen at a datetime, not at {at!r}.")
        self._frozen = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        return self._frozen

    def advance(self, by: timedelta | None = None, **units: float) -> datetime:
        """Move the clock on, by a `timedelta` or by its words (`hours=2`); a running clock is frozen first."""
        return self.freeze(self.now() + (by or timedelta()) + timedelta(**units))

    def run(self) -> None:
        """Let the clock show real time again."""
        self._frozen = None
