-- PostgreSQL has no CREATE DATABASE IF NOT EXISTS.
SELECT 1 FROM pg_database WHERE datname = $1
