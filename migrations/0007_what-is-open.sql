DROP INDEX `deployments_wait`;--> statement-breakpoint
CREATE INDEX `deployments_wait` ON `deployments` (`wait_until`) WHERE "deployments"."wait_until" IS NOT NULL;--> statement-breakpoint
DROP INDEX `slots_due`;--> statement-breakpoint
CREATE INDEX `slots_due` ON `slots` (`due_at`) WHERE "slots"."due_at" IS NOT NULL;--> statement-breakpoint
DROP INDEX `tasks_job`;--> statement-breakpoint
DROP INDEX `tasks_state`;--> statement-breakpoint
DROP INDEX `tasks_subject`;--> statement-breakpoint
DROP INDEX `tasks_service`;--> statement-breakpoint
CREATE UNIQUE INDEX `tasks_job` ON `tasks` (`job`) WHERE "tasks"."state" = 'wanted';--> statement-breakpoint
CREATE INDEX `tasks_state` ON `tasks` (`enqueued`,`stopping`) WHERE "tasks"."state" = 'wanted';--> statement-breakpoint
CREATE INDEX `tasks_subject` ON `tasks` (`subject_key`) WHERE "tasks"."state" = 'wanted';--> statement-breakpoint
CREATE INDEX `tasks_service` ON `tasks` (`service`) WHERE "tasks"."state" = 'wanted';