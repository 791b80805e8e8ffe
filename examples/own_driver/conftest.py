"""The better way of making a backend known: one line."""

from shelf_driver import ShelfDriver

from orm_testing import register_backend

register_backend("shelf", driver=ShelfDriver)
