"""PostgreSQL through psycopg 3, sync and async, in databases of our own on a server."""
