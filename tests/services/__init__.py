"""The real services that tests and `make chaos` run against. Plain Python: no pytest in here."""
