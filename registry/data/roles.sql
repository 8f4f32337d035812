-- The five roles of the database, made once by its administrator (a superuser); run again, it changes nothing but the passwords.
-- simpul owns the tables: it migrates and backs up, and no server process runs as it. simpul_web and simpul_worker serve.
-- simpul_log may add to the trails and is what those two are members of; simpul_public is for published figures.
-- One statement a line, as PostgreSQL's single-user mode reads them.
DO $$ DECLARE wanted text; BEGIN FOREACH wanted IN ARRAY ARRAY['simpul', 'simpul_web', 'simpul_worker', 'simpul_log', 'simpul_public'] LOOP IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN EXECUTE format('CREATE ROLE %I', wanted); END IF; END LOOP; END $$;
ALTER ROLE simpul LOGIN NOSUPERUSER BYPASSRLS PASSWORD :'owner_password';
ALTER ROLE simpul_web LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'web_password';
ALTER ROLE simpul_worker LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'worker_password';
ALTER ROLE simpul_log NOLOGIN NOSUPERUSER NOBYPASSRLS;
ALTER ROLE simpul_public NOLOGIN NOSUPERUSER NOBYPASSRLS;
GRANT simpul_log TO simpul_web, simpul_worker;
GRANT simpul_web, simpul_worker, simpul_public TO simpul;
