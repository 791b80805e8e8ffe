"""Layer 2: the DSL client. Verbs are generators, free of I/O; `OrmDsl` and `AsyncOrmDsl` run them."""
