"""A small HTTP broker without client ids, for rehearsing faults: its server runs in a process of its own."""
