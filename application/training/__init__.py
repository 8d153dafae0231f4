"""Use cases of a training: fit, track, save, and pass the challenger through the promotion gate."""
