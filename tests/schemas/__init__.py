"""What the services promise in writing: event schemas, AsyncAPI, OpenAPI, the catalogue of events.

All of it follows from the code and is committed under `schemas/`, `docs/events.md` and
`docs/rules.md`; `make schemas` writes it, and tests hold it against the code and against what was
released.
"""
