{# Whether this build carries on from a kept warehouse, and adds only what came after its Monday. #}
{% macro carries_on() -%}
    {{ return(var("previous_as_of") is not none) }}
{%- endmacro %}


{# A table to which a build that carries on adds the new weeks, and which any other build makes anew in its empty file.
   dbt's own incremental tables write each addition twice. The key that the contract declares is looked at in what was
   added rather than kept as an index: on 40 million rows an index costs more time and memory than the table. #}
{% materialization kept_weeks, adapter="duckdb" %}
    {%- set table = this.incorporate(type="table") -%}
    {{ run_hooks(pre_hooks) }}
    {%- if contract_key() -%}{{ get_assert_columns_equivalent(sql) }}{%- endif -%}
    {%- call statement("main") -%}
        {%- if carries_on() %}
        insert into {{ table }} by name ({{ sql }})
        {%- else %}
        create table {{ table }} as ({{ sql }})
        {%- endif %}
    {%- endcall -%}
    {{ stop_at_a_doubled_key(
        table, contract_key()[-1] ~ " > date '" ~ var("previous_as_of") ~ "'" if carries_on() else "true"
    ) }}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({"relations": [table]}) }}
{% endmaterialization %}
