"""Ids of requests: random UUIDs, none of which is given out twice."""

import os
import threading
from uuid import RFC_4122, UUID

from common.http.middleware.request_ids import ID_BYTES, RANDOM_BYTES, new_request_id

# More than are made of the bytes that the system is asked for at a time.
MANY = 3 * RANDOM_BYTES // ID_BYTES


def test_an_id_is_a_random_uuid_as_it_is_written():
    ids = [new_request_id() for _ in range(MANY)]
    for each in ids:
        parsed = UUID(each)
        assert (str(parsed), parsed.version, parsed.variant) == (each, 4, RFC_4122)
    # Of 122 random bits each has both values among so many.
    fixed = {48, 49, 50, 51, 64, 65}
    for bit in set(range(128)) - fixed:
        assert {UUID(each).int >> (127 - bit) & 1 for each in ids} == {0, 1}


def test_no_id_is_given_out_twice_by_several_threads():
    ids = []
    threads = [
        threading.Thread(target=lambda: ids.extend(new_request_id() for _ in range(MANY)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == len(ids) == 4 * MANY


def test_a_child_process_gives_out_none_of_its_parents_ids():
    new_request_id()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, new_request_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    of_child = os.read(reading, 100).decode()
    assert of_child not in {new_request_id() for _ in range(MANY)}
