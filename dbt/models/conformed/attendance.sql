{{ conform_facts("attendance") }}
