"""How staff come in: django-allauth, with what this site adds to it. Who may do what is in `groups.py`."""
