"""Files of records, one field of which is text -> blocks of records, with their sentences, that are written back as they stand."""
