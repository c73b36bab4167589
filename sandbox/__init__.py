"""A stand-in for Alloy and for the BigCommerce store behind it: own settings, database, process."""
