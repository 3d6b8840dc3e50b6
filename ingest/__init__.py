"""External face data sets as records with labels, licences and provenance."""
