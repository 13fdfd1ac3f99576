import { eq } from 'drizzle-orm';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import { type Subject, subjectKey } from '../pipeline/domain/task.ts';
import type { Db } from './database.ts';
import { deployments, messages, releases, slots, tasks } from './schema.ts';

/** All that the ledger holds now, for whoever compares it with the outside. */
export interface WholeLedger {
  releases: Release[];
  deployments: Deployment[];
  slots: Slot[];
  /** Tasks that are wanted and not over. */
  tasks: { effect: string; kind: string; of: Subject['kind']; subject: string }[];
  /** Messages that Slack does not show as they should be. */
  due: string[];
}

export function readWhole(db: Db): WholeLedger {
  return {
    releases: db
      .select({ row: releases.row })
      .from(releases)
      .all()
      .map(({ row }) => row),
    deployments: db
      .select({ row: deployments.row })
      .from(deployments)
      .all()
      .map(({ row }) => row),
    slots: db
      .select({ row: slots.row })
      .from(slots)
      .all()
      .map(({ row }) => row),
    tasks: db
      .select({ effect: tasks.effect, kind: tasks.kind, subject: tasks.subject })
      .from(tasks)
      .where(eq(tasks.state, 'wanted'))
      .all()
      .map(({ effect, kind, subject }) => ({ effect, kind, of: subject.kind, subject: subjectKey(subject) })),
    due: db
      .select({ key: messages.key })
      .from(messages)
      .where(eq(messages.due, true))
      .all()
      .map(({ key }) => key),
  };
}
