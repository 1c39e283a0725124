"""Storage: SQLite in WAL mode behind one writer; everything else reaches it through the names in this package."""
