"""Studies in the formats of other people's tools: tables, reference managers, programs and search engines."""
