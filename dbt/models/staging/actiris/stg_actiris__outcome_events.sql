with

sorties_uitstroom as (
    select * from {{ source("actiris", "sorties_uitstroom") }}
),

contract_labels as (
    select * from {{ ref("employment_contract_labels") }}
    where source = 'actiris'
),

spells as (
    select
        'actiris' as source,
        sorties_uitstroom.reference_referentie as learner_id,
        {{ local_time("sorties_uitstroom._known_at") }} as known_at,
        sorties_uitstroom.date_debut_begindatum as start_date,
        sorties_uitstroom.date_fin_einddatum as end_date,
        case sorties_uitstroom.type_sortie_uitstroomtype
            when 'emploi/werk' then 'job_start'
            when 'formation/opleiding' then 'further_training'
        end as event_type,
        case
            when sorties_uitstroom.mesure_maatregel is null then contract_labels.contract_type
            else 'subsidised'
        end as contract_type,
        coalesce(sorties_uitstroom.mesure_maatregel, contract_labels.subsidised_scheme) as subsidised_scheme,
        sorties_uitstroom.isco08,
        cast(sorties_uitstroom.temps_travail_arbeidstijd_pct as integer) as hours_pct,
        sorties_uitstroom.partenaire_partner = 'oui_ja' as employer_is_partner,
    from sorties_uitstroom
    left join contract_labels on sorties_uitstroom.contrat_contract = contract_labels.label
),

final as (
    {{ spell_events("spells") }}
)

select * from final
