"""Use cases of API keys: issue, revoke, and follow the keys that are valid."""
