"""EventBridge Scheduler's clock: schedules that submit Batch jobs really do."""
