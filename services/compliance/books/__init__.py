"""Rule books: which packs are in force for an agency from when on, and those that ever decided."""
