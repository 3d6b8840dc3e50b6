"""Face masks composed on photographs of bare faces, with the label measured."""
