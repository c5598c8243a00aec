"""How a gate learns: from other services' events, and at once when someone says "stop"."""
