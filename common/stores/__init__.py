"""Where files lie: a folder, or a bucket that is spoken to by S3. Transactions are `common.media`'s."""

from common.stores.folder import FolderStore
from common.stores.open_store import open_store
from common.stores.store import Store, StoredFile

__all__ = ["FolderStore", "Store", "StoredFile", "open_store"]
