{{ conform("outcome_events") }}
