from orm_testing.kit import DriverKit


class TestJsonLines(DriverKit):
    ENABLED_BACKENDS = ["json_lines"]
