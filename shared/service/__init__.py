"""What makes a set of routes, subscriptions and jobs a running service."""
