"""Rules on acts other than contacts: one file each, named like its rule."""
