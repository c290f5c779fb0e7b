"""Records of studies, in the formats of catalogues and registries, become drafts."""
