{{ conform("trainings") }}
