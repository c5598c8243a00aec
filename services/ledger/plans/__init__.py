"""Plans: agreed instalments and whether they are kept."""
