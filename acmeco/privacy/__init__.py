"""The settings page: a merchant's data, to take along and to have erased."""
