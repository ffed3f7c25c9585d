{{ conform("support_actions") }}
