{{ conform("coaches") }}
