"""What operators see from outside: metrics, spans, and the doors where they are asked for."""
