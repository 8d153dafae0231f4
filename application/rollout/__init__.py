"""Use cases of a rollout: start it, drive it, and ask its controller for an action.

`ControlRollout` runs outside the servers, because a serving host has no right to write to the registry.
"""
