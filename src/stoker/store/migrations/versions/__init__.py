"""One module a version. A step is never edited once released, and says its tables in full: it must not follow later ones."""
