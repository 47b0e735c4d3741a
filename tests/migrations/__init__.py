"""The SQL of new migrations, read by squawk; what migrations do to data is tested with what they serve."""
