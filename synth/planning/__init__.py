"""What is asked for, and which photo gets which composites."""
