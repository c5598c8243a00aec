"""The vault's database: wrapped keys, each tenant's confined by forced row-level security.

The app role may make keys and erase them; it can neither delete a row nor bring a key back, for
the only update its policy lets through is from a live key to none.
"""

UP_SQL: tuple[str, ...] = (
    """
CREATE FUNCTION current_tenant() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  tenant text := current_setting('forbear.tenant', true);
BEGIN
  IF coalesce(tenant, '') = '' THEN
    RAISE EXCEPTION 'no tenant is set' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN tenant;
END $$
""",
    """
CREATE FUNCTION enter_tenant(p_tenant text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('forbear.tenant', coalesce(p_tenant, ''), true);
  PERFORM current_tenant();
END $$
""",
    """
CREATE TABLE tenant_keys (
  tenant_id text PRIMARY KEY,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
""",
    """
CREATE TABLE subject_keys (
  tenant_id text NOT NULL,
  subject text NOT NULL,
  wrapped bytea,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  erased_at timestamptz,
  PRIMARY KEY (tenant_id, subject),
  CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
)
""",
    # Each statement of a volatile function sees what others committed meanwhile, so the loser of
    # a race to make a key reads the winner's. Inserting in one order spares two batches from
    # waiting for each other.
    """
CREATE FUNCTION tenant_key(p_tenant text, p_candidate bytea) RETURNS bytea
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM enter_tenant(p_tenant);
  INSERT INTO tenant_keys (tenant_id, wrapped) VALUES (p_tenant, p_candidate)
    ON CONFLICT DO NOTHING;
  RETURN (SELECT k.wrapped FROM tenant_keys k WHERE k.tenant_id = p_tenant);
END $$
""",
    """
CREATE FUNCTION subject_keys(p_tenant text, p_subjects text[], p_candidates bytea[])
RETURNS TABLE (subject text, wrapped bytea) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  PERFORM enter_tenant(p_tenant);
  IF p_candidates IS NOT NULL THEN
    INSERT INTO subject_keys (tenant_id, subject, wrapped)
      SELECT p_tenant, c.subject, c.wrapped
      FROM unnest(p_subjects, p_candidates) AS c (subject, wrapped)
      ORDER BY c.subject COLLATE "C"
      ON CONFLICT DO NOTHING;
  END IF;
  RETURN QUERY SELECT k.subject, k.wrapped FROM subject_keys k
    WHERE k.tenant_id = p_tenant AND k.subject = ANY (p_subjects);
END $$
""",
    """
CREATE FUNCTION erase_subject(p_tenant text, p_subject text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM enter_tenant(p_tenant);
  INSERT INTO subject_keys (tenant_id, subject, erased_at)
    VALUES (p_tenant, p_subject, clock_timestamp()) ON CONFLICT DO NOTHING;
  UPDATE subject_keys SET wrapped = NULL, erased_at = clock_timestamp()
    WHERE tenant_id = p_tenant AND subject = p_subject AND wrapped IS NOT NULL;
END $$
""",
    "ALTER TABLE tenant_keys ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE tenant_keys FORCE ROW LEVEL SECURITY",
    "ALTER TABLE subject_keys ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE subject_keys FORCE ROW LEVEL SECURITY",
    """
CREATE POLICY own_tenant_read ON tenant_keys FOR SELECT TO vault_app
  USING (tenant_id = (SELECT current_tenant()))
""",
    """
CREATE POLICY own_tenant_add ON tenant_keys FOR INSERT TO vault_app
  WITH CHECK (tenant_id = (SELECT current_tenant()))
""",
    """
CREATE POLICY own_tenant_read ON subject_keys FOR SELECT TO vault_app
  USING (tenant_id = (SELECT current_tenant()))
""",
    """
CREATE POLICY own_tenant_add ON subject_keys FOR INSERT TO vault_app
  WITH CHECK (tenant_id = (SELECT current_tenant()))
""",
    """
CREATE POLICY erase_only ON subject_keys FOR UPDATE TO vault_app
  USING (tenant_id = (SELECT current_tenant()) AND wrapped IS NOT NULL)
  WITH CHECK (tenant_id = (SELECT current_tenant()) AND wrapped IS NULL)
""",
    """
CREATE POLICY administration ON tenant_keys TO vault_owner USING (true) WITH CHECK (true)
""",
    """
CREATE POLICY administration ON subject_keys TO vault_owner USING (true) WITH CHECK (true)
""",
    "GRANT USAGE ON SCHEMA public TO vault_app",
    "GRANT SELECT, INSERT ON tenant_keys TO vault_app",
    "GRANT SELECT, INSERT, UPDATE (wrapped, erased_at) ON subject_keys TO vault_app",
)

DOWN_SQL: tuple[str, ...] = (
    "DROP FUNCTION tenant_key",
    "DROP FUNCTION subject_keys",
    "DROP FUNCTION erase_subject",
    "DROP TABLE tenant_keys",
    "DROP TABLE subject_keys",
    "DROP FUNCTION enter_tenant",
    "DROP FUNCTION current_tenant",
)
