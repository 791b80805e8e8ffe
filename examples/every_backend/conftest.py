"""The tenth backend is this project's own."""

from diary import DiaryDriver

from orm_testing import register_backend

register_backend("diary", driver=DiaryDriver)
