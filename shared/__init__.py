"""What the services share: the report, the forms, the events and the runtime."""
