"""Effect sizes, intervals and pooling of counts: pure functions on numbers, without Django."""
