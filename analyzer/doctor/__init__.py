"""What an installation has, and what it lacks for which question."""
