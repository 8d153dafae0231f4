"""Use cases of the ledger: complete it, record changes of champion, read their history, and verify it."""
