"""MariaDB and MySQL: sync through PyMySQL, async through asyncmy."""
