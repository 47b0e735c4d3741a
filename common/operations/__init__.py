"""What operators see: health, metrics, logs; nothing here serves the API's clients."""
