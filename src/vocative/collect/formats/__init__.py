"""Files as rows: CSV, JSON lines and Parquet, in whatever encoding they came."""
