"""The services behind the connectors: one module or package each."""
