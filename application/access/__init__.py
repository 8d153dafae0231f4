"""Use cases of API keys: issue, revoke, and refresh the valid keys."""
