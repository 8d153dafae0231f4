"""Pictures of a training, drawn with matplotlib and without its global state."""
