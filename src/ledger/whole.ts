import { eq } from 'drizzle-orm';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import { type Subject, subjectKey } from '../pipeline/domain/task.ts';
import type { Db } from './db.ts';
import { deployments, isWanted, messages, releases, slots, tasks } from './schema.ts';

/** All that the ledger holds of a service now, for whoever compares it with the outside. */
export interface WholeLedger {
  releases: Release[];
  deployments: Deployment[];
  slots: Slot[];
  /** Tasks that are wanted and not over. */
  tasks: { effect: string; kind: string; of: Subject['kind']; subject: string }[];
  /** Keys of all cards. */
  cards: string[];
  /** Keys of cards that Slack does not show as they should be. */
  due: string[];
}

export function readWhole(db: Db, service: string): WholeLedger {
  const cards = cardsOf(db, service);
  return {
    releases: rowsOf(
      db.select({ row: releases.row }).from(releases).where(eq(releases.service, service)).all(),
    ),
    deployments: rowsOf(
      db.select({ row: deployments.row }).from(deployments).where(eq(deployments.service, service)).all(),
    ),
    slots: rowsOf(db.select({ row: slots.row }).from(slots).where(eq(slots.service, service)).all()),
    tasks: db
      .select({ effect: tasks.effect, kind: tasks.kind, subject: tasks.subject, of: tasks.service })
      .from(tasks)
      .where(isWanted(tasks))
      .all()
      .filter(({ of }) => of === service)
      .map(({ effect, kind, subject }) => ({ effect, kind, of: subject.kind, subject: subjectKey(subject) })),
    cards: cards.map(({ key }) => key),
    due: cards.filter(({ due }) => due).map(({ key }) => key),
  };
}

const rowsOf = <Row>(found: { row: Row }[]): Row[] => found.map(({ row }) => row);

const cardsOf = (db: Db, service: string): { key: string; due: boolean }[] =>
  db
    .select({ key: messages.key, content: messages.content, due: messages.due })
    .from(messages)
    .all()
    .filter(
      ({ content }) =>
        (content.kind === 'release card' && content.service === service) ||
        (content.kind === 'deployment card' && content.deployment.startsWith(`${service}.`)),
    );
