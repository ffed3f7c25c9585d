"""What each feature says to a coach, in French, Dutch and English: a fact with its counts and dates, never a diagnosis.

Plain words (B1), no word that needs the learner's gender, no plural that a count of one would break.
Placeholders are columns of the panel, the few facts that ``explain.facts`` works out from them, and the dates of
``told_dates``; what a learner can still change is always dated.
"""

from __future__ import annotations

LANGUAGES = ("fr", "nl", "en")

#: Feature, then language, then the sentence as a reason and as a strength.
SENTENCES: dict[str, dict[str, tuple[str, str]]] = {
    "absence_recent": {
        "fr": (
            "Demi-journées manquées {period} : {missed_count_4w} sur {planned_half_days_count_4w}",
            "Demi-journées de présence {period} : {attended_half_days_count_4w} sur {planned_half_days_count_4w}",
        ),
        "nl": (
            "Gemiste halve dagen {period}: {missed_count_4w} van de {planned_half_days_count_4w}",
            "Halve dagen aanwezig {period}: {attended_half_days_count_4w} van de {planned_half_days_count_4w}",
        ),
        "en": (
            "Half-days missed {period}: {missed_count_4w} of {planned_half_days_count_4w}",
            "Half-days attended {period}: {attended_half_days_count_4w} of {planned_half_days_count_4w}",
        ),
    },
    "absence_trend": {
        "fr": (
            (
                "Demi-journées manquées : {missed_count_4w} sur {planned_half_days_count_4w} {period}, "
                "{missed_count} sur {planned_half_days_count} depuis le début, le {start}"
            ),
        )
        * 2,
        "nl": (
            (
                "Gemiste halve dagen: {missed_count_4w} van de {planned_half_days_count_4w} {period}, "
                "{missed_count} van de {planned_half_days_count} sinds de start op {start}"
            ),
        )
        * 2,
        "en": (
            (
                "Half-days missed: {missed_count_4w} of {planned_half_days_count_4w} {period}, "
                "{missed_count} of {planned_half_days_count} since the start on {start}"
            ),
        )
        * 2,
    },
    "absence_unexcused": {
        "fr": (
            (
                "Demi-journées manquées sans excuse depuis le début, le {start} : "
                "{unexcused_count} sur {planned_half_days_count}"
            ),
        )
        * 2,
        "nl": (
            (
                "Halve dagen afwezig zonder geldige reden sinds de start op {start}: "
                "{unexcused_count} van de {planned_half_days_count}"
            ),
        )
        * 2,
        "en": (
            (
                "Half-days missed without an excuse since the start on {start}: "
                "{unexcused_count} of {planned_half_days_count}"
            ),
        )
        * 2,
    },
    "lateness_recent": {
        "fr": ("Retards {period} : {late_count_4w} sur {planned_half_days_count_4w} demi-journées",) * 2,
        "nl": ("Te laat gekomen {period}: {late_count_4w} van de {planned_half_days_count_4w} halve dagen",)
        * 2,
        "en": ("Late arrivals {period}: {late_count_4w} of {planned_half_days_count_4w} half-days",) * 2,
    },
    "activity_recent": {
        "fr": ("Jours d'activité en ligne {period} : {active_days_count_4w} sur 28",) * 2,
        "nl": ("Dagen online actief {period}: {active_days_count_4w} van de 28",) * 2,
        "en": ("Days active online {period}: {active_days_count_4w} of 28",) * 2,
    },
    "activity_last_week": {
        "fr": ("Jours d'activité en ligne {period} : {active_days_count_1w} sur 7",) * 2,
        "nl": ("Dagen online actief {period}: {active_days_count_1w} van de 7",) * 2,
        "en": ("Days active online {period}: {active_days_count_1w} of 7",) * 2,
    },
    "activity_before_start": {
        "fr": ("Jours d'activité en ligne avant le début, le {start} : {pre_start_active_days_count}",) * 2,
        "nl": ("Dagen online actief voor de start op {start}: {pre_start_active_days_count}",) * 2,
        "en": ("Days active online before the start on {start}: {pre_start_active_days_count}",) * 2,
    },
    "work_missing": {
        "fr": (
            (
                "Travaux rendus : {handed_in_of_due_count} sur {due_count} à rendre jusqu'au {until} "
                "(le dernier pour le {due})"
            ),
        )
        * 2,
        "nl": (
            (
                "Opdrachten ingeleverd: {handed_in_of_due_count} van de {due_count} die tot en met {until} moesten "
                "(de laatste tegen {due})"
            ),
        )
        * 2,
        "en": (
            (
                "Assignments handed in: {handed_in_of_due_count} of {due_count} due by {until} "
                "(the last one due on {due})"
            ),
        )
        * 2,
    },
    "work_late": {
        "fr": (
            "Travaux rendus en retard depuis le début, le {start} : {late_hand_in_count} sur {handed_in_count} rendus",
            "Travaux rendus à temps depuis le début, le {start} : {on_time_count} sur {handed_in_count} rendus",
        ),
        "nl": (
            "Opdrachten te laat ingeleverd sinds de start op {start}: {late_hand_in_count} van de {handed_in_count}",
            "Opdrachten op tijd ingeleverd sinds de start op {start}: {on_time_count} van de {handed_in_count}",
        ),
        "en": (
            "Assignments handed in late since the start on {start}: {late_hand_in_count} of {handed_in_count}",
            "Assignments handed in on time since the start on {start}: {on_time_count} of {handed_in_count}",
        ),
    },
    "work_handed_in": {
        "fr": ("Travaux rendus depuis le début, le {start}, en avance compris : {handed_in_count}",) * 2,
        "nl": ("Opdrachten ingeleverd sinds de start op {start}, ook vroege: {handed_in_count}",) * 2,
        "en": ("Assignments handed in since the start on {start}, early ones included: {handed_in_count}",)
        * 2,
    },
    "score_level": {
        "fr": (
            (
                "Note moyenne des travaux à rendre jusqu'au {until} : {score_pct_mean} sur 100 "
                "(travaux notés : {scored_count})"
            ),
        )
        * 2,
        "nl": (
            (
                "Gemiddelde score op het werk dat tot en met {until} moest: {score_pct_mean} op 100 "
                "(opdrachten met een score: {scored_count})"
            ),
        )
        * 2,
        "en": (
            (
                "Average mark of the work due by {until}: {score_pct_mean} out of 100 "
                "(assignments marked: {scored_count})"
            ),
        )
        * 2,
    },
    "hand_in_lead": {
        "fr": ("Travaux rendus, de ceux dont la date est passée : {handed_in_of_due_count}",) * 2,
        "nl": ("Opdrachten ingeleverd, van die waarvan de datum voorbij is: {handed_in_of_due_count}",) * 2,
        "en": ("Assignments handed in, of those whose date is past: {handed_in_of_due_count}",) * 2,
    },
    "other_marks": {
        "fr": ("Travaux notés dans d'autres formations : {other_scored_count}",) * 2,
        "nl": ("Opdrachten met een score in andere opleidingen: {other_scored_count}",) * 2,
        "en": ("Assignments marked in other trainings: {other_scored_count}",) * 2,
    },
    "other_lost": {
        "fr": ("Autres formations abandonnées : {other_dropped_out_count}, échouées : {other_failed_count}",)
        * 2,
        "nl": (
            ("Andere opleidingen stopgezet: {other_dropped_out_count}, niet geslaagd: {other_failed_count}"),
        )
        * 2,
        "en": ("Other trainings dropped: {other_dropped_out_count}, failed: {other_failed_count}",) * 2,
    },
    "other_running": {
        "fr": ("Autres formations en cours : {other_running_count}",) * 2,
        "nl": ("Andere opleidingen bezig: {other_running_count}",) * 2,
        "en": ("Other trainings under way: {other_running_count}",) * 2,
    },
    "start_season": {
        "fr": ("Semaine de formation : {week_of_training}",) * 2,
        "nl": ("Week van de opleiding: {week_of_training}",) * 2,
        "en": ("Week of the training: {week_of_training}",) * 2,
    },
    "earlier_attempts": {
        "fr": ("Essais précédents de cette formation : {prior_attempts_count}",) * 2,
        "nl": ("Eerdere pogingen voor deze opleiding: {prior_attempts_count}",) * 2,
        "en": ("Earlier attempts at this training: {prior_attempts_count}",) * 2,
    },
    "education_level": {
        "fr": ("Niveau d'études à l'entrée (CITE) : {education_isced}",) * 2,
        "nl": ("Opleidingsniveau bij de start (ISCED): {education_isced}",) * 2,
        "en": ("Level of education at entry (ISCED): {education_isced}",) * 2,
    },
    "education_short": {
        "fr": ("Niveau d'études à l'entrée (CITE) : {education_isced}",) * 2,
        "nl": ("Opleidingsniveau bij de start (ISCED): {education_isced}",) * 2,
        "en": ("Level of education at entry (ISCED): {education_isced}",) * 2,
    },
    "study_load": {
        "fr": ("Crédits suivis en même temps : {credits_studied}",) * 2,
        "nl": ("Studiepunten tegelijk gevolgd: {credits_studied}",) * 2,
        "en": ("Credits studied at the same time: {credits_studied}",) * 2,
    },
    "enrolment_lead": {
        "fr": ("Inscription : {enrolled_lead_days} jours avant le début",) * 2,
        "nl": ("Inschrijving: {enrolled_lead_days} dagen voor de start",) * 2,
        "en": ("Enrolment: {enrolled_lead_days} days before the start",) * 2,
    },
}
