"""What strangers may see: the declaration, the public rows made by it, and their rebuilding.

Not here: the requests that read these rows (`marketplace`), what only an owner sees (`editing`).
"""
