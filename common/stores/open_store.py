"""From an address to its store."""

from common.stores.address import parse_address
from common.stores.bucket import BucketStore
from common.stores.folder import FolderStore
from common.stores.store import Store


def open_store(url: str) -> Store:
    """The store at that address; nothing is sent before it is used. Raises ValueError for no address."""
    address = parse_address(url)
    if address.folder is not None:
        return FolderStore(address.folder)
    return BucketStore(address.bucket, address.prefix, address.endpoint, address.region)
