"""What is true: the model on PostgreSQL, pure calculations, named queries, migrations."""
