"""The one way to write: drafts, publishing, revisions and the content version."""
