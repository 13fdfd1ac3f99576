DROP INDEX `tasks_job`;--> statement-breakpoint
DROP INDEX `tasks_state`;--> statement-breakpoint
DROP INDEX `tasks_service`;