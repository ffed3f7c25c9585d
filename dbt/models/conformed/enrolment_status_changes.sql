{{ conform("enrolment_status_changes") }}
