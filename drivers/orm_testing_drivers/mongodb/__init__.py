"""MongoDB through pymongo, and what speaks its protocol or plays it: FerretDB and mongomock."""
