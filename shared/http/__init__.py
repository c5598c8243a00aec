"""What every service stands on over HTTP: problems, strict bodies, declared policies, bounds."""
