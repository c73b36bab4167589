"""The services behind the connectors: one class each. What is in an account are its `Item`s."""
