"""The demonstration's agencies, programmes, target lists, realisations and users."""
