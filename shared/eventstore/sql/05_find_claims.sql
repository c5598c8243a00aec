-- OFFSET 0 keeps the planner from joining with all claims at once.
CREATE FUNCTION find_claims(p_tenant text, p_kinds text[], p_digests text[])
RETURNS TABLE (kind text, digest text, target text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('forbear.tenant', p_tenant, true);
  RETURN QUERY SELECT c.kind, c.digest, c.target
    FROM unnest(p_kinds, p_digests) AS n(kind, digest)
    CROSS JOIN LATERAL (
      SELECT * FROM claims WHERE tenant_id = p_tenant AND kind = n.kind AND digest = n.digest
      OFFSET 0
    ) c;
END $$
