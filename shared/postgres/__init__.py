"""PostgreSQL as Forbear uses it: the embedded server, its databases and roles, dumps of them."""
