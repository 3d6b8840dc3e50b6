"""What a photo brings: its light, its camera, what stays in front, how it is cut."""
