"""Which of several models a record is most probable under, and how often that is right."""
