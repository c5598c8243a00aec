"""Rules on contacts: one file each, named like its rule; `rulebook` lists them."""
