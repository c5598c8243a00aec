"""The four services and the `forbear` command that runs them."""
