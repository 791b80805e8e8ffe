"""Who needs no server does not pay for the machinery."""


def test_the_machinery_is_not_imported_without_need(project):
    """A run on backends that need no server imports neither the machinery nor its locks."""
    result = project.write("""
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory", "sqlite"]
            def get_test_models(self):
                return [User]
            def test_it(self, orm):
                import sys
                orm.create_and_verify(User, **ALICE)
                loaded = {"orm_testing.services.servers", "orm_testing.services.private", "filelock"} & set(sys.modules)
                assert not loaded
    """).run(subprocess=True)
    result.assert_outcomes(passed=2)
