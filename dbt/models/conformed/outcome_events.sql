{{ config(materialized="kept_weeks") }}
{{ conform("outcome_events") }}
