"""Use cases of a worker: predict with the current model, and follow the champion of this host."""
