"""From a view to the messages and the schema that a model is sent, and from its words to a turn; knows no transport."""
