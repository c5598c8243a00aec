"""Proof of replays: a long recorded history, gone through by the service and recounted by hand."""
