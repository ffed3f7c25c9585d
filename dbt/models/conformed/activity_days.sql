{{ conform_facts("activity_days") }}
