{{ config(materialized="kept_rows") }}
{{ conform("outcome_events") }}
