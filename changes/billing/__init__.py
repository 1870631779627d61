"""What can be done with payments."""
