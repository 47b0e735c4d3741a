"""What an owner reads and writes of the profile: fields, validation, drafts, publishing, undo.

Not here: what strangers see of it (`profiles.public`), the account itself (`profiles.accounts`).
"""
