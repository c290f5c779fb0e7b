"""Measurements of the site, to be run on a quiet machine: `make bench` and `make bench-scale`.

Nothing here is a test: the numbers are printed beside what we aim for, and a person reads them.
"""
