{{ conform("cohorts") }}
