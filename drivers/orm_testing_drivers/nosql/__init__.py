"""What stores that are not asked in SQL share: documents, items, keys and objects, each found by its key."""
