"""The outbox beside what a reader would choose instead; each part measures one thing."""
