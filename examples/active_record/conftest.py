"""One way of making a backend known: `create_driver` handles its own name, and the original the rest."""

from driver import ActiveRecordDriver

from orm_testing import MultiBackendTestBase

original = MultiBackendTestBase.create_driver


def create_driver(cls, backend_name):
    if backend_name == "activerecord":
        return ActiveRecordDriver()
    return original(backend_name)


MultiBackendTestBase.create_driver = classmethod(create_driver)
