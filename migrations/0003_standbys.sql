CREATE TABLE `standbys` (
	`service` text NOT NULL,
	`environment` text NOT NULL,
	`row` text NOT NULL,
	PRIMARY KEY(`service`, `environment`)
);
