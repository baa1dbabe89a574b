"""The custodian's annexe: a survey's own file is read, counted, and never published."""

# Names the folder of counts of the survey that a build holds; set by `exile survey build`.
RUN_VARIABLE = "EXILE_SURVEY_RUN"
