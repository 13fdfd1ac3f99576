CREATE TABLE `deliveries` (
	`source` text NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`source`, `id`)
);
--> statement-breakpoint
CREATE TABLE `deployments` (
	`id` text PRIMARY KEY NOT NULL,
	`service` text NOT NULL,
	`version` integer NOT NULL,
	`environment` text NOT NULL,
	`state` text NOT NULL,
	`requested_at` integer NOT NULL,
	`wait_until` integer,
	`row` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `deployments_release` ON `deployments` (`service`,`version`);--> statement-breakpoint
CREATE INDEX `deployments_recent` ON `deployments` (`service`,`requested_at`);--> statement-breakpoint
CREATE INDEX `deployments_wait` ON `deployments` (`wait_until`);--> statement-breakpoint
CREATE INDEX `deployments_state` ON `deployments` (`state`);--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`stream` text NOT NULL,
	`version` integer NOT NULL,
	`type` text NOT NULL,
	`shape` integer NOT NULL,
	`body` text NOT NULL,
	`actor` text NOT NULL,
	`at` integer NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `events_stream_version` ON `events` (`stream`,`version`);--> statement-breakpoint
CREATE TABLE `messages` (
	`key` text PRIMARY KEY NOT NULL,
	`channel` text NOT NULL,
	`content` text NOT NULL,
	`revision` integer NOT NULL,
	`shown_revision` integer NOT NULL,
	`posted_channel` text,
	`posted_ts` text,
	`shown` text,
	`tries` integer NOT NULL,
	`not_before` integer NOT NULL,
	`final` integer NOT NULL,
	`due` integer NOT NULL,
	`given_up` text
);
--> statement-breakpoint
CREATE INDEX `messages_due` ON `messages` (`due`,`not_before`);--> statement-breakpoint
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `releases` (
	`service` text NOT NULL,
	`version` integer NOT NULL,
	`sha` text NOT NULL,
	`state` text NOT NULL,
	`row` text NOT NULL,
	PRIMARY KEY(`service`, `version`)
);
--> statement-breakpoint
CREATE INDEX `releases_sha` ON `releases` (`service`,`sha`);--> statement-breakpoint
CREATE INDEX `releases_state` ON `releases` (`state`);--> statement-breakpoint
CREATE TABLE `services` (
	`service` text PRIMARY KEY NOT NULL,
	`row` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `slots` (
	`service` text NOT NULL,
	`environment` text NOT NULL,
	`row` text NOT NULL,
	PRIMARY KEY(`service`, `environment`)
);
--> statement-breakpoint
CREATE TABLE `streams` (
	`stream` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tasks` (
	`effect` text NOT NULL,
	`generation` integer NOT NULL,
	`kind` text NOT NULL,
	`service` text NOT NULL,
	`subject_key` text NOT NULL,
	`subject` text NOT NULL,
	`stage` text NOT NULL,
	`undo` integer NOT NULL,
	`input` text NOT NULL,
	`state` text NOT NULL,
	`attempt` integer NOT NULL,
	`tries` integer NOT NULL,
	`job` text NOT NULL,
	`known` text,
	`note` text,
	`not_before` integer NOT NULL,
	`deadline` integer NOT NULL,
	`attempt_limit` integer NOT NULL,
	`enqueued` integer NOT NULL,
	`stopping` integer NOT NULL,
	`missing_since` integer,
	`ended_at` integer,
	PRIMARY KEY(`effect`, `generation`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tasks_job` ON `tasks` (`job`);--> statement-breakpoint
CREATE INDEX `tasks_state` ON `tasks` (`state`,`enqueued`,`stopping`);--> statement-breakpoint
CREATE INDEX `tasks_subject` ON `tasks` (`subject_key`,`state`);--> statement-breakpoint
CREATE INDEX `tasks_service` ON `tasks` (`service`,`state`);--> statement-breakpoint
CREATE TABLE `texts` (
	`ref` text PRIMARY KEY NOT NULL,
	`words` text
);
