CREATE TABLE `installation` (
	`id` integer PRIMARY KEY NOT NULL,
	`row` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `slots` ADD `due_at` integer;--> statement-breakpoint
CREATE INDEX `slots_due` ON `slots` (`due_at`);