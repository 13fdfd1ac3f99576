CREATE TABLE `outward` (
	`key` text PRIMARY KEY NOT NULL,
	`service` text NOT NULL,
	`content` text NOT NULL,
	`revision` integer NOT NULL,
	`told_revision` integer NOT NULL,
	`since` integer NOT NULL,
	`known` text,
	`tries` integer NOT NULL,
	`not_before` integer NOT NULL,
	`due` integer NOT NULL,
	`given_up` text
);
--> statement-breakpoint
CREATE INDEX `outward_due` ON `outward` (`due`,`not_before`);