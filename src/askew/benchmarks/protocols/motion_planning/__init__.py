"""The planning protocol: samples for a motion planner."""
