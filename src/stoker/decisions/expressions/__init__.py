"""When things happen that were asked for by time: at(), rate() and cron() expressions in time zones. Reads no clock."""
