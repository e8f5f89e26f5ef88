"""Steps of work on messages, carried out in this process, in others, or by an engine on other machines."""
