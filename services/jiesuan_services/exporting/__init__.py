"""Views as files for analysts: CSV, Parquet, XLSX."""
