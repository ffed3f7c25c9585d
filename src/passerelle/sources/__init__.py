"""Pulling what is new in every system of a school into the landing's waiting room."""

from passerelle.sources.pull import PullResult, pull_school

__all__ = ["PullResult", "pull_school"]
