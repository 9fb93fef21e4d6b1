"""What the platform tells about itself to people and to other programs."""
