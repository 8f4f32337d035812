"""The questionnaire: code lists, questions in order, edit rules, and the crosswalk from older forms."""
