"""What other tools answer for the page-table free path, and what that takes."""
