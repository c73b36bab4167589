"""A stand-in for Alloy and for the services behind it; started by `alloy-sandbox`."""

__version__ = "0.1.0"
