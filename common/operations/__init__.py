"""What operators see: health, logs, traces, metrics, and the commands that only they run; nothing
here serves the API's clients."""
