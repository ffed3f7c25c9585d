"""The coach's desk. `README.md` says what belongs here."""

from passerelle.desk.app import create_app
from passerelle.desk.serve import serve

__all__ = ["create_app", "serve"]
