{{ conform("caseloads") }}
