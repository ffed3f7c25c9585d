"""The cohort page: where the data team looks rather than reads.

One self-contained HTML page that loads nothing and runs nothing: placement by cohort with bounds and the target line,
the same people under other definitions, time to a first job, and this year's cohorts in front of the past ones.
"""

from passerelle.cohort_page.writing import write_cohort_page

__all__ = ["write_cohort_page"]
