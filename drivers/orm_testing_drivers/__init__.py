"""The drivers that come with orm_testing, each found by its entry point as anyone's is."""
