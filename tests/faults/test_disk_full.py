"""A disk that takes no more avatars, and one that takes nothing at all.

For the former the kernel is told to let the workers write no file beyond a size, which a small picture passes
and a large one does not: unlike a full disk this needs neither root nor a disk of its own.
"""

import io
import os
import resource
import subprocess

import pytest
import requests
from PIL import Image

from tests.faults.deployment import workers_of

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


def stored(deployment):
    folder = deployment.folder / "media" / "avatars"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_full_disk_refuses_a_picture_and_changes_nothing(deployment, unlimited, full_disk):
    person = deployment.person()
    first = upload(unlimited, person, SMALL)
    assert first.status_code == 200
    files, address = stored(deployment), first.json()["avatar_url"]
    for _ in range(8):
        refused = upload(unlimited, person, LARGE)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert refused.headers["Content-Type"] == "application/problem+json"
    assert stored(deployment) == files
    me = requests.get(f"{unlimited.url}/api/users/me/", headers=person, timeout=20)
    assert me.json()["avatar_url"] == address
    assert requests.get(unlimited.url + address, timeout=20).status_code == 200
    full_disk()
    after = upload(unlimited, person, LARGE)
    assert after.status_code == 200
    assert stored(deployment) == files - {address.rpartition("/")[2]} | {
        after.json()["avatar_url"].rpartition("/")[2]
    }
    events = (
        "select count(*) from activity_events where user_id = %s and action = 'avatar.uploaded'"
    )
    assert deployment.rows(events, deployment.people[person["Authorization"]]) == [(2,)]


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of one mebibyte."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk, and not everywhere")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def fill(folder):
    with (folder / "rest").open("wb", buffering=0) as file, pytest.raises(OSError, match="space"):
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize("when", ["before it starts", "once it runs"])
def test_counting_on_a_full_disk_kills_no_worker(deployment, tiny_disk, when):
    if when == "before it starts":
        (tiny_disk / f"tutor-marketplace-{os.getuid()}").mkdir(mode=0o700)
        fill(tiny_disk)
    server = deployment.serve(workers=1, TMPDIR=tiny_disk)
    if when == "once it runs":
        fill(tiny_disk)
    before = [worker.pid for worker in workers_of(server)]
    person, methods = deployment.person(), ("GET", "PUT", "POST", "PATCH", "DELETE")
    paths = ["/api/me/profile/", "/api/me/activity/", "/api/users/me/", "/api/marketplace/tutors/"]
    # Each of them is a series of its own, and together they are more than was there at the start.
    for path in [*paths, "/api/auth/login/", "/api/auth/refresh/", "/api/me/avatar/", "/nowhere/"]:
        for method in methods:
            for headers in (person, {}, {"Authorization": "Bearer none"}):
                url = server.url + path
                assert requests.request(method, url, headers=headers, timeout=20).status_code < 500
    assert requests.get(f"{server.url}/metrics", timeout=20).status_code == 200
    assert [worker.pid for worker in workers_of(server)] == before
    server.stop()
