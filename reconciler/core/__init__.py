"""The pure heart: desired state, observed state, actions and the planner. No I/O, no clock, no logging."""
