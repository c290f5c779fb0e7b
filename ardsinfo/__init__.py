"""The project: settings, addresses, page cache, log, system checks and health."""
