"""A disk that takes no more avatars.

The kernel is told to let the workers write no file beyond a size, which a small picture passes
and a large one does not: unlike a full disk this needs neither root nor a disk of its own.
"""

import io
import resource

import pytest
import requests
from PIL import Image

from tests.faults.site import workers_of

pytestmark = pytest.mark.slow

AVATAR = "/api/me/avatar/"
ENOUGH = 16 * 1024


def picture(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


SMALL = picture(Image.new("RGB", (64, 64), "navy"))
# Noise does not compress: as an avatar it is some hundred kilobytes large.
LARGE = picture(Image.effect_noise((512, 512), 200).convert("RGB"))


@pytest.fixture
def full_disk(unlimited):
    workers = workers_of(unlimited)
    before = [worker.rlimit(resource.RLIMIT_FSIZE) for worker in workers]
    for worker, (_, hard) in zip(workers, before, strict=True):
        worker.rlimit(resource.RLIMIT_FSIZE, (ENOUGH, hard))

    def make_room():
        for worker, limits in zip(workers, before, strict=True):
            worker.rlimit(resource.RLIMIT_FSIZE, limits)

    yield make_room
    make_room()


def upload(server, person, data):
    files = {"avatar": ("a.png", data, "image/png")}
    return requests.post(server.url + AVATAR, files=files, headers=person, timeout=20)


def stored(site):
    folder = site.folder / "media" / "avatars"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_full_disk_refuses_a_picture_and_changes_nothing(site, unlimited, full_disk):
    person = site.person()
    first = upload(unlimited, person, SMALL)
    assert first.status_code == 200
    files, address = stored(site), first.json()["avatar_url"]
    for _ in range(8):
        refused = upload(unlimited, person, LARGE)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert refused.headers["Content-Type"] == "application/problem+json"
    assert stored(site) == files
    me = requests.get(f"{unlimited.url}/api/users/me/", headers=person, timeout=20)
    assert me.json()["avatar_url"] == address
    assert requests.get(unlimited.url + address, timeout=20).status_code == 200
    full_disk()
    after = upload(unlimited, person, LARGE)
    assert after.status_code == 200
    assert stored(site) == files - {address.rpartition("/")[2]} | {
        after.json()["avatar_url"].rpartition("/")[2]
    }
    events = (
        "select count(*) from activity_events where user_id = %s and action = 'avatar.uploaded'"
    )
    assert site.rows(events, site.people[person["Authorization"]]) == [(2,)]
