with

tewerkstelling as (
    select * from {{ source("vdab", "tewerkstelling") }}
),

contract_labels as (
    select * from {{ ref("employment_contract_labels") }}
    where source = 'vdab'
),

spells as (
    select
        'vdab' as source,
        tewerkstelling.referentie as learner_id,
        {{ local_time("tewerkstelling._known_at") }} as known_at,
        tewerkstelling.datum_in_dienst as start_date,
        tewerkstelling.datum_uit_dienst as end_date,
        'job_start' as event_type,
        case
            when tewerkstelling.maatregel is null then contract_labels.contract_type
            else 'subsidised'
        end as contract_type,
        coalesce(tewerkstelling.maatregel, contract_labels.subsidised_scheme) as subsidised_scheme,
        tewerkstelling.beroepscode_isco as isco08,
        cast(tewerkstelling.arbeidsregime_pct as integer) as hours_pct,
        tewerkstelling.werkgever_is_partner = 'ja' as employer_is_partner,
    from tewerkstelling
    left join contract_labels on tewerkstelling.contracttype = contract_labels.label
),

final as (
    {{ spell_events("spells") }}
)

select * from final
