"""What tests stand on: given/when/then, fakes, simulation. Nothing here runs in production."""
