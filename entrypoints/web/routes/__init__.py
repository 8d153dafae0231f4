"""Routes of our own API: predictions, health, metrics and documentation."""
