{{ conform("enrolments") }}
