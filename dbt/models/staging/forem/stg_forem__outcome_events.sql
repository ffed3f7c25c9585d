with

insertion as (
    select * from {{ source("forem", "insertion") }}
),

contract_labels as (
    select * from {{ ref("employment_contract_labels") }}
    where source = 'forem'
),

spells as (
    select
        'forem' as source,
        insertion.reference_stagiaire as learner_id,
        {{ local_time("insertion._known_at") }} as known_at,
        insertion.date_debut as start_date,
        insertion.date_fin as end_date,
        'job_start' as event_type,
        case
            when insertion.mesure is null then contract_labels.contract_type
            else 'subsidised'
        end as contract_type,
        coalesce(insertion.mesure, contract_labels.subsidised_scheme) as subsidised_scheme,
        insertion.code_profession_isco as isco08,
        cast(insertion.temps_travail_pct as integer) as hours_pct,
        insertion.employeur_partenaire = 'oui' as employer_is_partner,
    from insertion
    left join contract_labels on insertion.type_contrat = contract_labels.label
),

final as (
    {{ spell_events("spells") }}
)

select * from final
