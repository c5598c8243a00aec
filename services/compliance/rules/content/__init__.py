"""The rules on what a message says and how it is sent: one function, one file each."""
