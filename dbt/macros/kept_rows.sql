{# Whether this build carries on from a kept warehouse, and adds only what came after its Monday. #}
{% macro carries_on() -%}
    {{ return(var("previous_as_of") is not none) }}
{%- endmacro %}


{# A table to which a build that carries on adds what is new, and which any other build makes anew in its empty file,
   held against its contract: only the same SQL is carried on, and an insert by name keeps the table's types.
   dbt's own incremental tables write each addition twice. The key that the contract declares is looked at rather than
   kept as an index, and only in what was added unless a hook takes rows out before: on 40 million rows an index costs
   more time and memory than the table. #}
{% materialization kept_rows, adapter="duckdb" %}
    {%- set table = this.incorporate(type="table") -%}
    {{ run_hooks(pre_hooks) }}
    {%- if contract_key() and not carries_on() -%}{{ get_assert_columns_equivalent(sql) }}{%- endif -%}
    {%- if config.get("in_parts_of") and not carries_on() -%}
    {{ create_in_parts(table, sql) }}
    {%- else -%}
    {%- call statement("main") -%}
        {%- if carries_on() %}
        insert into {{ table }} by name ({{ sql }})
        {%- else %}
        create table {{ table }} as ({{ sql }})
        {%- endif %}
    {%- endcall -%}
    {%- set only_adds = carries_on() and not pre_hooks -%}
    {{ stop_at_a_doubled_key(
        table, contract_key()[-1] ~ " > date '" ~ var("previous_as_of") ~ "'" if only_adds else "true"
    ) }}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({"relations": [table]}) }}
{% endmaterialization %}


{# Fills a new table with one range of the enrolments after the other, so that the memory that groups and windows over all
   weeks take does not grow with the school, and looks at the key of each. A school of few has one range, without bounds. #}
{% macro create_in_parts(table, sql) %}
    {%- set enrolments = this.database ~ "." ~ config.get("in_parts_of") -%}
    {%- set count = run_query("select count(distinct enrolment_id) from " ~ enrolments).rows[0][0] -%}
    {%- set parts = (count | int / var("enrolments_at_once")) | round(0, "ceil") | int or 1 -%}
    {%- set shares = [] -%}
    {%- for part in range(parts) -%}{%- do shares.append((part + 1) / parts) -%}{%- endfor -%}
    {%- do run_query(
        "set variable bounds = (select quantile_disc(enrolment_id, " ~ shares ~ ")[:-2] from " ~ enrolments ~ ")"
    ) -%}
    {%- for part in range(parts) -%}
        {%- do run_query("set variable part_first = getvariable('bounds')[" ~ part ~ "]") -%}
        {%- do run_query("set variable part_end = getvariable('bounds')[" ~ (part + 1) ~ "]") -%}
        {%- call statement("main") -%}
            {{ "create table " ~ table ~ " as" if loop.first else "insert into " ~ table ~ " by name" }} ({{ sql }})
        {%- endcall -%}
        {{ stop_at_a_doubled_key(table, is_in_this_part()) }}
    {%- endfor -%}
    {%- do run_query("reset variable part_first") -%}
    {%- do run_query("reset variable part_end") -%}
{%- endmacro %}
