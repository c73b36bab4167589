"""The transactional outbox: `publish` writes, `relay` sends, `services` is for operators."""
