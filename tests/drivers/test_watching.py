"""Which statements make a store look whether its schema was changed."""

import pytest

from orm_testing_drivers.sql.watching import changes_schema


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE t ()",
        "  /* hint */ alter table t add c int",
        "SELECT 1; DROP TABLE t",
        "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1",
        "SELECT a INTO b FROM c",
        "WITH x AS (SELECT 1) SELECT * INTO t FROM x",
        "DO $$ BEGIN END $$",
        "SELECT 1;\n do 'BEGIN END'",
        "CALL p()",
        "EXECUTE q",
        "COMMENT ON TABLE t IS 'x'",
        "RENAME TABLE a TO b",
        "REFRESH MATERIALIZED VIEW v",
        "SELECT setval('s', 1, false)",
    ],
)
def test_what_may_change_the_schema_is_suspected(statement):
    """By whatever words it begins, and wherever in the text it stands."""
    assert changes_schema(statement)


@pytest.mark.parametrize(
    "statement",
    [
        'INSERT INTO t ("create", "drop") VALUES (1, 2)',
        "insert  into t select 1",
        "INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1",
        "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
        "REPLACE INTO `drop` VALUES ('create')",
        "SELECT created_at, altered FROM t WHERE note = 'please drop it'",
        "UPDATE t SET a = 1",
        "TRUNCATE t",
        "BEGIN",
    ],
)
def test_what_writes_rows_is_not(statement):
    """Words in names and in values mean nothing."""
    assert not changes_schema(statement)
