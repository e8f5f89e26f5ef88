"""From text to neural models and back: functions, layers, architectures; training; a model that scores and predicts as any other."""
