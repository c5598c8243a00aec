"""The feed of many machines: a relay publishes a service's event log to Kafka, others read it.

The topic holds nothing that the log does not hold, so it can be filled anew at any time: each
complete filling is a *publication*, numbered, and every record names the one it belongs to.
"""
