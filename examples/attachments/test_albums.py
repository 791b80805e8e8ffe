"""Files that belong to rows: in memory, and in S3 on whichever server of it this machine has, else in moto."""

import hashlib

import pytest

from orm_testing import Field, Model, MultiBackendTestBase, NotFoundError, requires

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 100 + b"\xff\xd9"


class Album(Model):
    id: str = Field(primary_key=True)
    title: str = Field(unique=True)
    cover: str | None = None
    """The SHA-256 of the file `cover.jpg`, where there is one."""


@requires("attachments")
class TestAlbums(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "s3"]

    def get_test_models(self):
        return [Album]

    @pytest.fixture
    def summer(self, orm):
        return orm.create_and_verify(Album, id="2030/summer", title="Summer")

    def test_a_cover_comes_back(self, orm, summer):
        """The file is in the store as it was given, and so is what the row says of it."""
        orm.attach(summer, "cover.jpg", JPEG)
        summer = orm.update_and_verify(summer, cover=hashlib.sha256(JPEG).hexdigest())
        assert hashlib.sha256(orm.attachment(summer, "cover.jpg")).hexdigest() == summer.cover

    def test_a_new_cover_replaces_the_old_one(self, orm, summer):
        """What was attached last under a name is what the name holds."""
        orm.attach(summer, "cover.jpg", b"blurred")
        orm.attach(summer, "cover.jpg", JPEG)
        assert orm.attachment(summer, "cover.jpg") == JPEG

    def test_a_cover_can_be_taken_away(self, orm, summer):
        """And the others stay."""
        orm.attach(summer, "cover.jpg", JPEG)
        orm.attach(summer, "back.jpg", b"back")
        orm.detach(summer, "cover.jpg")
        with pytest.raises(NotFoundError):
            orm.attachment(summer, "cover.jpg")
        assert orm.attachment(summer, "back.jpg") == b"back"

    def test_files_go_with_their_album(self, orm, summer):
        """An album made anew has none of the files of the one that was deleted."""
        orm.attach(summer, "cover.jpg", JPEG)
        orm.delete_and_verify(summer)
        again = orm.create_and_verify(Album, id="2030/summer", title="Summer")
        with pytest.raises(NotFoundError):
            orm.attachment(again, "cover.jpg")

    def test_only_albums_have_covers(self, orm, summer):
        """A row that is not there takes no file."""
        with pytest.raises(NotFoundError):
            orm.attach(Album(id="2031/summer", title="Next"), "cover.jpg", JPEG)
