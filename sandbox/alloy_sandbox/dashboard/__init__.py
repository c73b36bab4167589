"""The dashboard: what happens inside the sandbox, and buttons to make things happen."""
