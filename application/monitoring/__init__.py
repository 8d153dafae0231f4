"""Use cases of the console and of its JSON: report the status, show figures, and list versions and changes."""
