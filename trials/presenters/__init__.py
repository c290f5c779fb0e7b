"""From records to what a page says: plain values, in order, with their sources and their blanks."""
