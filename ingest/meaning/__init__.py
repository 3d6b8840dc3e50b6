"""What the fields of a source mean, in the words of the record table."""
