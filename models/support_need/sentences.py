"""What each feature says to a coach, in French, Dutch and English: a fact with its counts, never a diagnosis.

Plain words (B1), no word that needs the learner's gender, no plural that a count of one would break.
Placeholders are columns of the panel, or the few facts that ``explain.facts`` works out from them.
"""

from __future__ import annotations

LANGUAGES = ("fr", "nl", "en")

#: Feature, then language, then the sentence as a reason and as a strength.
SENTENCES: dict[str, dict[str, tuple[str, str]]] = {
    "absence_recent": {
        "fr": (
            (
                "Demi-journées manquées ces quatre dernières semaines : "
                "{missed_count_4w} sur {planned_half_days_count_4w}"
            ),
            (
                "Demi-journées de présence ces quatre dernières semaines : "
                "{attended_half_days_count_4w} sur {planned_half_days_count_4w}"
            ),
        ),
        "nl": (
            (
                "Gemiste halve dagen in de laatste vier weken: "
                "{missed_count_4w} van de {planned_half_days_count_4w}"
            ),
            (
                "Halve dagen aanwezig in de laatste vier weken: "
                "{attended_half_days_count_4w} van de {planned_half_days_count_4w}"
            ),
        ),
        "en": (
            "Half-days missed in the last four weeks: {missed_count_4w} of {planned_half_days_count_4w}",
            (
                "Half-days attended in the last four weeks: "
                "{attended_half_days_count_4w} of {planned_half_days_count_4w}"
            ),
        ),
    },
    "absence_trend": {
        "fr": (
            (
                "Demi-journées manquées : {missed_count_4w} sur {planned_half_days_count_4w} "
                "ces quatre dernières semaines, {missed_count} sur {planned_half_days_count} depuis le début"
            ),
            (
                "Demi-journées manquées : {missed_count_4w} sur {planned_half_days_count_4w} "
                "ces quatre dernières semaines, {missed_count} sur {planned_half_days_count} depuis le début"
            ),
        ),
        "nl": (
            (
                "Gemiste halve dagen: {missed_count_4w} van de {planned_half_days_count_4w} in de laatste vier weken, "
                "{missed_count} van de {planned_half_days_count} sinds de start"
            ),
            (
                "Gemiste halve dagen: {missed_count_4w} van de {planned_half_days_count_4w} in de laatste vier weken, "
                "{missed_count} van de {planned_half_days_count} sinds de start"
            ),
        ),
        "en": (
            (
                "Half-days missed: {missed_count_4w} of {planned_half_days_count_4w} in the last four weeks, "
                "{missed_count} of {planned_half_days_count} since the start"
            ),
            (
                "Half-days missed: {missed_count_4w} of {planned_half_days_count_4w} in the last four weeks, "
                "{missed_count} of {planned_half_days_count} since the start"
            ),
        ),
    },
    "absence_unexcused": {
        "fr": (
            (
                "Demi-journées manquées sans excuse depuis le début : "
                "{unexcused_count} sur {planned_half_days_count}"
            ),
            (
                "Demi-journées manquées sans excuse depuis le début : "
                "{unexcused_count} sur {planned_half_days_count}"
            ),
        ),
        "nl": (
            (
                "Halve dagen afwezig zonder geldige reden sinds de start: "
                "{unexcused_count} van de {planned_half_days_count}"
            ),
            (
                "Halve dagen afwezig zonder geldige reden sinds de start: "
                "{unexcused_count} van de {planned_half_days_count}"
            ),
        ),
        "en": (
            (
                "Half-days missed without an excuse since the start: "
                "{unexcused_count} of {planned_half_days_count}"
            ),
            (
                "Half-days missed without an excuse since the start: "
                "{unexcused_count} of {planned_half_days_count}"
            ),
        ),
    },
    "lateness_recent": {
        "fr": (
            (
                "Retards ces quatre dernières semaines : "
                "{late_count_4w} sur {planned_half_days_count_4w} demi-journées"
            ),
            (
                "Retards ces quatre dernières semaines : "
                "{late_count_4w} sur {planned_half_days_count_4w} demi-journées"
            ),
        ),
        "nl": (
            (
                "Te laat gekomen in de laatste vier weken: "
                "{late_count_4w} van de {planned_half_days_count_4w} halve dagen"
            ),
            (
                "Te laat gekomen in de laatste vier weken: "
                "{late_count_4w} van de {planned_half_days_count_4w} halve dagen"
            ),
        ),
        "en": (
            "Late arrivals in the last four weeks: {late_count_4w} of {planned_half_days_count_4w} half-days",
            "Late arrivals in the last four weeks: {late_count_4w} of {planned_half_days_count_4w} half-days",
        ),
    },
    "activity_recent": {
        "fr": ("Jours d'activité en ligne ces quatre dernières semaines : {active_days_count_4w} sur 28",)
        * 2,
        "nl": ("Dagen online actief in de laatste vier weken: {active_days_count_4w} van de 28",) * 2,
        "en": ("Days active online in the last four weeks: {active_days_count_4w} of 28",) * 2,
    },
    "activity_last_week": {
        "fr": ("Jours d'activité en ligne la semaine dernière : {active_days_count_1w} sur 7",) * 2,
        "nl": ("Dagen online actief vorige week: {active_days_count_1w} van de 7",) * 2,
        "en": ("Days active online last week: {active_days_count_1w} of 7",) * 2,
    },
    "activity_before_start": {
        "fr": ("Jours d'activité en ligne avant le début : {pre_start_active_days_count}",) * 2,
        "nl": ("Dagen online actief voor de start: {pre_start_active_days_count}",) * 2,
        "en": ("Days active online before the start: {pre_start_active_days_count}",) * 2,
    },
    "work_missing": {
        "fr": ("Travaux rendus : {handed_in_of_due_count} sur {due_count} à rendre jusqu'ici",) * 2,
        "nl": ("Opdrachten ingeleverd: {handed_in_of_due_count} van de {due_count} die tot nu toe moesten",)
        * 2,
        "en": ("Assignments handed in: {handed_in_of_due_count} of {due_count} due so far",) * 2,
    },
    "work_late": {
        "fr": (
            "Travaux rendus en retard : {late_hand_in_count} sur {handed_in_count} rendus",
            "Travaux rendus à temps : {on_time_count} sur {handed_in_count} rendus",
        ),
        "nl": (
            "Opdrachten te laat ingeleverd: {late_hand_in_count} van de {handed_in_count}",
            "Opdrachten op tijd ingeleverd: {on_time_count} van de {handed_in_count}",
        ),
        "en": (
            "Assignments handed in late: {late_hand_in_count} of {handed_in_count}",
            "Assignments handed in on time: {on_time_count} of {handed_in_count}",
        ),
    },
    "work_handed_in": {
        "fr": ("Travaux rendus depuis le début, en avance compris : {handed_in_count}",) * 2,
        "nl": ("Opdrachten ingeleverd sinds de start, ook vroege: {handed_in_count}",) * 2,
        "en": ("Assignments handed in since the start, early ones included: {handed_in_count}",) * 2,
    },
    "score_level": {
        "fr": ("Note moyenne jusqu'ici : {score_pct_mean} sur 100 (travaux notés : {scored_count})",) * 2,
        "nl": (
            "Gemiddelde score tot nu toe: {score_pct_mean} op 100 (opdrachten met een score: {scored_count})",
        )
        * 2,
        "en": ("Average mark so far: {score_pct_mean} out of 100 (assignments marked: {scored_count})",) * 2,
    },
    "hand_in_lead": {
        "fr": ("Jours d'avance à la remise des travaux, en tout : {hand_in_lead_days_sum}",) * 2,
        "nl": ("Dagen te vroeg ingeleverd, alle opdrachten samen: {hand_in_lead_days_sum}",) * 2,
        "en": ("Days handed in ahead of due dates, all assignments together: {hand_in_lead_days_sum}",) * 2,
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
