"""What becomes of the object that a function is asked to release."""
