{{ conform("internships") }}
