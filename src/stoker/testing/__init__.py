"""Fakes and doubles for tests of the platform and of what is built on it: public, for users of the library too."""
