"""Exchange clustering: each word in turn goes to the class in which the text is most likely, until none wants to move."""
