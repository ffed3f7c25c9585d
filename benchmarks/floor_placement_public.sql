-- The floor: mart_placement_public from the built mart_placement, with the real pooling, rounding and leaving out, by hand:
-- one look at the mart, and each breakdown of a definition carried as one list from its smallest part to its largest.
create table mart_placement_public as
with
parts as (
    select
        definition_id,
        segment_kind,
        segment_value,
        definition_is_verified,
        [eligible_count, placed_count, placed_count + unknown_count] as counts,
        eligible_count < 23 or placed_count < 8 as is_small,
    from built.marts.mart_placement
    where
        cohort_id = 'all'
        and segment_kind not in ('region', 'employment_service', 'internship_partner')
        and (eligible_count > 0 or segment_kind = 'all')
),
breakdowns as (
    select
        definition_id,
        segment_kind,
        bool_and(definition_is_verified) as definition_is_verified,
        count(*) filter (where is_small) as small_count,
        list({'value': segment_value, 'counts': counts} order by is_small desc, counts[1], segment_value) as parts,
    from parts
    group by all
),
pooled as (
    select
        *,
        if(small_count = 0, 0, list_filter(range(greatest(small_count, 2), len(parts) + 1), size ->
            list_sum(list_transform(parts[:size], part -> part.counts[1])) >= 23
            and list_sum(list_transform(parts[:size], part -> part.counts[2])) >= 8
        )[1]) as pool_size,
    from breakdowns
),
rounded as (
    select
        definition_id,
        segment_kind,
        definition_is_verified,
        list_transform(
            if(pool_size = 0, [], [{
                'value': 'others together',
                'counts': [list_sum(list_transform(parts[:pool_size], part -> part.counts[place])) for place in [1, 2, 3]]
            }]) || parts[pool_size + 1:],
            part -> {'value': part.value, 'counts': [5 * round(count / 5)::integer for count in part.counts]}
        ) as parts,
    from pooled
    where pool_size is not null and (segment_kind <> 'all' or small_count = 0)
),
shown as (
    select rounded.*
    from rounded
    left join (select definition_id, parts[1].counts as counts from rounded where segment_kind = 'all') as whole
        using (definition_id)
    where
        segment_kind = 'all'
        or len(parts) >= 2
        and whole.counts is not null
        and list_max([
            abs(list_sum(list_transform(parts, part -> part.counts[place])) - whole.counts[place]) for place in [1, 2, 3]
        ]) <= 2 * len(parts) - 1
)
select
    definition_id,
    segment_kind,
    part.value as segment_value,
    as_of() as as_of_date,
    part.counts[1] as eligible_count_rounded,
    part.counts[2] as placed_count_rounded,
    part.counts[3] as placed_or_unknown_count_rounded,
    least(1, part.counts[2] / part.counts[1]) as placed_share_lower_rounded,
    least(1, part.counts[3] / part.counts[1]) as placed_share_upper_rounded,
    definition_is_verified,
from (select * exclude (parts), unnest(parts) as part from shown);
