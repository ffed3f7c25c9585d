{{ conform("partners") }}
