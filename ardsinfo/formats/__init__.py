"""Dates as this site writes them, in place of those of Django."""
