"""Placeholder until trials.accounts is merged."""


def locked_out(*args, **kwargs): ...


def record(*args, **kwargs): ...
