"""Records of studies, in the formats of catalogues and registries, become drafts.

A reader for each format returns records, `normalise` gives their values one form, `matching` finds the studies that
are here already, `merging` puts values into a document, and `proposals` brings these together for the admin.
"""
