"""Who hears of what: rules that send an alert to people and programs, at once or after quiet hours."""
