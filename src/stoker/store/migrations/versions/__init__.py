"""One module a version.

To change the schema: change `stoker.store.tables`, add a module here that makes the same change to an existing
database, and raise `stoker.store.schema.HEAD` to its number. A step is never edited once released, and says its tables
in full: it must not follow later definitions.
"""
