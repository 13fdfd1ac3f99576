import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const dockerfile = read('Dockerfile');
const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '));

describe('the container', () => {
  it('takes its base as an argument, runs as nobody special, and without a shell around Bakery', () => {
    expect(dockerfile).toMatch(/^ARG BASE=/m);
    const bases = dockerfile.match(/^FROM \S+/gm) ?? [];
    expect(bases).toHaveLength(2);
    expect(new Set(bases)).toEqual(new Set([`FROM $${'{BASE}'}`]));
    expect(last).toMatch(/^USER bakery$/m);
    expect(last).toMatch(/^ENTRYPOINT \["node",/m);
  });

  it('holds neither the simulator nor the demo nor tools for building', () => {
    expect(dockerfile).toContain('rm -rf dist/slack-simulator dist/demo');
    expect(dockerfile).toContain('npm prune --omit=dev');
    expect(last).not.toContain('g++');
  });
});

describe('compose.yaml', () => {
  const { services } = parse(read('compose.yaml'), { merge: true });

  it('runs Redis, a bot and two workers that share the store, each with a health check', () => {
    const always = Object.keys(services).filter((name) => services[name].profiles === undefined);
    expect(always).toEqual(['redis', 'bot', 'worker-1', 'worker-2']);
    for (const name of ['bot', 'worker-1', 'worker-2'])
      expect(services[name].volumes).toContain('store:/var/lib/bakery/store');
    expect(services.redis.healthcheck.test).toEqual(['CMD', 'redis-cli', 'ping']);
    expect(dockerfile).toContain('HEALTHCHECK');
  });

  it('brings a HAProxy with its master’s socket where the workers reach it, when it is asked for', () => {
    const { haproxy } = services;
    expect(haproxy.profiles).toEqual(['haproxy']);
    expect(haproxy.command).toContain('-W');
    expect(haproxy.user).toBe(/--uid (\d+)/.exec(dockerfile)?.[1]?.replace(/(.*)/, '$1:$1'));
    expect(services['worker-1'].volumes).toContain('haproxy:/var/lib/bakery/haproxy');
    expect(haproxy.volumes).toContain('haproxy:/var/lib/bakery/haproxy');
  });

  it('gives the ledger to the bot alone, and opens no port to the outside', () => {
    expect(services.bot.volumes).toContain('data:/var/lib/bakery/data');
    expect(services['worker-1'].volumes.join()).not.toContain('bakery/data');
    expect(services.bot.ports.every((port: string) => port.startsWith('127.0.0.1:'))).toBe(true);
    expect(services.redis.ports).toBeUndefined();
  });
});
