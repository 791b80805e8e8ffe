"""The backends on which tests of the contract run, in one place."""

BACKENDS = ("inmemory", "sqlite", "sqlite_file", "postgres", "mysql")
