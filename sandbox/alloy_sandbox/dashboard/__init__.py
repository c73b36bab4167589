"""The control room: what happens inside the sandbox, and buttons to make things happen."""
