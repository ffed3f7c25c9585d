{# dbt's own table is written twice, under another name first, and keeps an index for the key that its contract declares:
   for a wide key of text that costs more than the rows. Here a table is written once, because nobody else reads the file
   that is built, and its key is looked at: docs/decisions/0019-a-key-is-looked-at-not-indexed.md. #}
{% materialization table, adapter="duckdb" %}
    {%- set table = this.incorporate(type="table") -%}
    {{ run_hooks(pre_hooks) }}
    {%- if config.get("contract").enforced -%}{{ get_assert_columns_equivalent(sql) }}{%- endif -%}
    {%- call statement("main") -%}
        create or replace table {{ table }} as (
            {{ get_select_subquery(sql) if config.get("contract").enforced else sql }}
        )
    {%- endcall -%}
    {{ stop_at_a_doubled_key(table) }}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({"relations": [table]}) }}
{% endmaterialization %}


{# Stops the build when the key that the contract declares is there twice, or has a hole, among these rows. #}
{% macro stop_at_a_doubled_key(table, rows="true") -%}
    {%- set key = contract_key() -%}
    {%- if key -%}
        {%- set wrong = run_query(
            "select " ~ key | join(", ") ~ ", count(*) as row_count from " ~ table ~ " where " ~ rows
            ~ " group by " ~ key | join(", ")
            ~ " having count(*) > 1 or " ~ key | join(" is null or ") ~ " is null limit 1"
        ) -%}
        {%- if wrong.rows | length -%}
            {%- do exceptions.raise_compiler_error(
                table ~ ": more or less than one row for " ~ key | join(", ") ~ " = " ~ wrong.rows[0].values() | join(", ")
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
