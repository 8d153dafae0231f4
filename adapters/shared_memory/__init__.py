"""Memory that the processes of one host share; no disk is behind it, so none can be full."""
