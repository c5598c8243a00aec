"""Contact points as addresses: opt-outs that bind an address for every debt and consumer."""
