CREATE FUNCTION find_claims(p_tenant text, p_kinds text[], p_digests text[])
RETURNS TABLE (kind text, digest text, target text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('forbear.tenant', p_tenant, true);
  RETURN QUERY SELECT c.kind, c.digest, c.target
    FROM unnest(p_kinds, p_digests) AS n(kind, digest)
    JOIN claims c ON c.tenant_id = p_tenant AND c.kind = n.kind AND c.digest = n.digest;
END $$
