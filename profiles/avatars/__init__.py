"""A person's picture: its upload, decoding, storage and removal; who may see it is `profiles.public`'s."""
