"""The sink's outside: tables, the database, migrations, the export."""
