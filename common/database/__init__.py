"""The database layer: sessions, pools, bounded connections, prepared statements; no models live here."""
