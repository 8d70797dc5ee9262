"""What the C language does not say of kernel functions: read from the knowledge files."""
