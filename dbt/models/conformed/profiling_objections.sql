{{ conform("profiling_objections") }}
