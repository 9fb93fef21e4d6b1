"""What is kept on disk: tables, migrations and the one thread that writes them. Importing this imports no database library."""
