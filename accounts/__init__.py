"""Sign-up, login and the user model. Knows nothing of Alloy."""
