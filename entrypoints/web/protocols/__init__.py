"""Protocols of other model servers, for clients that were written for them: one package each."""
