"""Use case of the registry sync process: copy the champion from the registry to this host."""
