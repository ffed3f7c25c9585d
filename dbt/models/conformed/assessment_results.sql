{{ conform_facts("assessment_results") }}
