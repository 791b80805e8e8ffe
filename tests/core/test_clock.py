"""The test's clock."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from orm_testing import Clock, ConfigurationError

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)


def test_a_running_clock_shows_real_time_in_utc():
    """A clock that nobody froze shows the time between two looks at the real one, aware and in UTC."""
    before = datetime.now(UTC)
    shown = Clock().now()
    assert before <= shown <= datetime.now(UTC)
    assert shown.tzinfo is UTC


@pytest.mark.parametrize(
    "at",
    [NOON, NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))],
    ids=["utc", "naive", "elsewhere"],
)
def test_a_frozen_clock_stands_still_in_utc(at):
    """A naive time is taken as UTC and an aware one is turned to it; the clock then shows it again and again."""
    clock = Clock()
    assert clock.freeze(at) == NOON
    assert clock.now() == clock.now() == NOON
    assert clock.now().tzinfo is UTC


def test_freezing_without_a_time_stops_at_the_present():
    """`freeze()` keeps the time that the clock shows, be it running or frozen already."""
    clock = Clock()
    stopped = clock.freeze()
    assert clock.freeze() == clock.now() == stopped


@pytest.mark.parametrize(
    ("by", "units", "later"),
    [
        (timedelta(minutes=5), {}, timedelta(minutes=5)),
        (None, {"hours": 2, "days": 1}, timedelta(days=1, hours=2)),
        (timedelta(hours=1), {"seconds": 30}, timedelta(hours=1, seconds=30)),
        (timedelta(days=-1), {}, timedelta(days=-1)),
        (None, {}, timedelta()),
    ],
)
def test_advance_moves_by_a_timedelta_or_by_words(by, units, later):
    """A frozen clock moves exactly by what it is told and says what it shows."""
    clock = Clock()
    clock.freeze(NOON)
    assert clock.advance(by, **units) == clock.now() == NOON + later


def test_advance_freezes_a_running_clock():
    """After `advance`, a clock that was running stands still in the future."""
    clock = Clock()
    ahead = clock.advance(hours=1)
    assert clock.now() == ahead > datetime.now(UTC) + timedelta(minutes=59)


def test_run_lets_time_pass_again():
    """`run` ends the freeze."""
    clock = Clock()
    clock.freeze(NOON)
    clock.run()
    assert clock.now() > NOON


def test_it_is_frozen_at_a_datetime():
    """A text is no time, and says so."""
    with pytest.raises(ConfigurationError, match="frozen at a datetime, not at '2020-01-01'"):
        Clock().freeze("2020-01-01")
