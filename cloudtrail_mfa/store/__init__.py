"""The lake's own room: the stored table, how it is filled and how it is kept."""
