{{ conform("learners") }}
