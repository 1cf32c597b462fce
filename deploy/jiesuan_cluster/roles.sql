-- roles --
-- The writer owns the read models; the reader may look at them and do nothing else.
-- Roles belong to the whole server, so they may be there already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jiesuan_writer') THEN
        CREATE ROLE jiesuan_writer NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jiesuan_reader') THEN
        CREATE ROLE jiesuan_reader LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jiesuan_gateway') THEN
        CREATE ROLE jiesuan_gateway NOLOGIN;
    END IF;
END
$$;

CREATE SCHEMA IF NOT EXISTS jiesuan AUTHORIZATION jiesuan_writer;
REVOKE ALL ON SCHEMA jiesuan FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- Everybody may make temporary tables by default; a reader writes nothing at all.
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO jiesuan_writer', current_database());
END
$$;
GRANT jiesuan_writer TO CURRENT_USER;
GRANT USAGE ON SCHEMA jiesuan TO jiesuan_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA jiesuan TO jiesuan_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE jiesuan_writer IN SCHEMA jiesuan
    GRANT SELECT ON TABLES TO jiesuan_reader;

-- The counter keeps its state and the vault of identities apart: readers of the read
-- models see neither.
CREATE SCHEMA IF NOT EXISTS gateway AUTHORIZATION jiesuan_gateway;
CREATE SCHEMA IF NOT EXISTS vault AUTHORIZATION jiesuan_gateway;
REVOKE ALL ON SCHEMA gateway, vault FROM PUBLIC;
GRANT jiesuan_gateway TO CURRENT_USER;
GRANT jiesuan_reader TO jiesuan_gateway;
