"""Pure building blocks: records, deciders, money, ids, clocks, errors. No I/O, no framework."""
