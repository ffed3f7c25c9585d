"""The simulator of the AI School: it plays the school's systems, and keeps the truth to itself.

``simulate`` draws a whole school from a seed: people, cohorts, engagement week by week, who leaves and who
finds work. ``write_systems`` writes what each system would hold at the school's today, in its own dialect.
Nothing in the pipeline imports this package: the systems are read like anybody else's.
"""

from passerelle.demo_school.config import DemoSchool, load_config
from passerelle.demo_school.create import DemoSummary, create
from passerelle.demo_school.systems import write_systems
from passerelle.demo_school.truth import enrolment_truth, oracle_auc
from passerelle.demo_school.world import World, simulate, simulate_in_chunks

__all__ = [
    "DemoSchool",
    "DemoSummary",
    "World",
    "create",
    "enrolment_truth",
    "load_config",
    "oracle_auc",
    "simulate",
    "simulate_in_chunks",
    "write_systems",
]
