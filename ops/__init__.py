"""Set-up, supervisor and test runner. Standard library only: it runs before any environment exists."""
