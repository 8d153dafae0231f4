"""Access: API keys, rate limits, and the redaction of secrets in texts.

Headers, addresses and files belong to adapters and entrypoints.
"""
