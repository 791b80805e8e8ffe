from json_lines_driver import JsonLinesDriver

from orm_testing import register_backend

register_backend("json_lines", JsonLinesDriver)
