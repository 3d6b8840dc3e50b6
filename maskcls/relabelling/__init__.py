"""What stands behind `maskcls relabel`: votes, confident learning, the list and its review."""
