"""The threads that answer: which request gets the next one, what each works out once for many
requests, and which answers wait without one. Requests come here whole."""
