"""What the drivers of SQL databases share, on SQLAlchemy Core."""
