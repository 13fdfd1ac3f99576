import { describe, expect, it } from 'vitest';
import { parseView } from '../../../src/balancers/haproxy/view.ts';

// As HAProxy 2.6 answers `show info;show stat …;show servers state …;show map …`, with fewer columns.
const info = 'Name: HAProxy\nVersion: 2.6.12\nPid: 3747\nUptime: 0d 0h00m01s\n\n';
const stat = `# pxname,svname,scur,qcur,check_status,hrsp_2xx,hrsp_5xx,econ,eresp,
bakery.x,member1,2,1,L7OK,40,1,1,0,
bakery.x,member2,0,0,INI,0,0,0,0,

`;
const state = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_port
3 bakery.x 1 member1 127.0.0.1 2 0 100 20001
3 bakery.x 2 member2 127.0.0.1 0 5 0 1

`;
const map = '0x7fe7e4046430 member1 /health\n\n';

describe('what HAProxy answers to one line of questions', () => {
  it('is read answer by answer', () => {
    const view = parseView(info + stat + state + map);
    expect(view?.pid).toBe(3747);
    expect(view?.servers.get('member1')).toEqual({
      at: '127.0.0.1:20001',
      weight: 100,
      state: 'ready',
      health: 'healthy',
      inFlight: 3,
      requests: 42,
      failed: 2,
    });
    expect(view?.servers.get('member2')).toMatchObject({ state: 'maint', health: 'unknown' });
    expect(view?.paths).toEqual(new Map([['member1', '/health']]));
  });

  it('has a map without entries, or none at all', () => {
    expect(parseView(`${info}${stat}${state}\n`)?.paths).toEqual(new Map());
    const none = 'Unknown map identifier. Please use #<id> or <file>.\n\n';
    expect(parseView(info + stat + state + none)?.paths).toBeUndefined();
  });

  it('is no view where there is no such backend', () => {
    expect(parseView(`${info}No such proxy.\n\nCan't find backend.\n\n${map}`)).toBeUndefined();
  });

  it('is read the same when each question was asked by itself', () => {
    const all = [info, stat, state, map].join('\n\n');
    expect(parseView(all)).toEqual(parseView(info + stat + state + map));
  });
});
