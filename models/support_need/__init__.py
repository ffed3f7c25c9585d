"""Who needs support this week: frames in, frames out, on a laptop with one CSV.

Knows numpy, pandas, SciPy and scikit-learn, and nothing of Airflow, MLflow, DuckDB or the environment.
"""
