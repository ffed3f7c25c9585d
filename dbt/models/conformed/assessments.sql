{{ conform("assessments") }}
