"""Redis and what speaks its protocol: rows as hashes, with sorted sets to find them by."""
