"""Licences: where the agency may contact residents, one record for the whole agency."""
