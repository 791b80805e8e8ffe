"""Hypothesis draws the data; `orm.reset()` gives each example the empty store that a test starts with."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orm_testing import Field, Model, MultiBackendTestBase


class Reading(Model):
    sensor: str = Field(primary_key=True)
    value: float
    note: str | None = None


READINGS = st.lists(
    st.fixed_dictionaries(
        {
            "sensor": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
            "value": st.floats(allow_nan=False),
            "note": st.none() | st.text("ab%_\\'\""),
        }
    ),
    unique_by=lambda reading: reading["sensor"],
    max_size=5,
)


class TestReadings(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite"]

    def get_test_models(self):
        return [Reading]

    @settings(
        max_examples=25,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    @given(readings=READINGS, low=st.floats(allow_nan=False))
    def test_any_readings(self, orm, readings, low):
        """Whatever is stored comes back the same, and a condition finds what it would find in Python."""
        orm.reset()
        orm.create_many_and_verify(Reading, readings)
        matching = [reading for reading in readings if reading["value"] >= low]
        orm.query_and_verify_count(Reading, len(matching), value__gte=low)
