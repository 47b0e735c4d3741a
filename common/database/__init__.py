"""The database layer: the session and how it reaches PostgreSQL, its replicas and its migrations;
no models live here."""
