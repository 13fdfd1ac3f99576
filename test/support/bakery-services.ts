/** Small services of every behaviour that the provider contract asks for, as files of one package. */
export const services = {
  'serve.js': `
    console.log('warm');
    require('http').createServer((q, s) => s.end('ok')).listen(process.env.PORT, process.env.HOST, () => console.log('open'));
    process.on('SIGTERM', () => process.exit(0));`,
  'exit.js': `console.error('out of flour'); process.exit(3);`,
  'migrate.js': `console.log('milled');`,
  'change.js': `
    const { BAKERY_ENVIRONMENT, DATABASE, PASSWORD } = process.env;
    console.log('connecting with ' + PASSWORD);
    fetch(DATABASE + BAKERY_ENVIRONMENT, { method: 'POST', body: 'size' }).then(async (answer) => {
      console.log(await answer.text());
      process.exit(answer.ok ? 0 : 3);
    });`,
  'table.js': `
    require('http').createServer(async (q, s) => {
      s.end(q.url === '/healthz' ? 'ok' : await (await fetch(process.env.DATABASE)).text());
    }).listen(process.env.PORT, process.env.HOST);`,
  'cold.js': `
    console.log('the oven stays cold');
    require('http').createServer((q, s) => { s.statusCode = 503; s.end(); }).listen(process.env.PORT, process.env.HOST);`,
  'deaf.js': `
    process.on('SIGTERM', () => {});
    require('http').createServer((q, s) => s.end('ok')).listen(process.env.PORT, process.env.HOST);`,
};

export const start = {
  serves: ['node', 'serve.js'],
  exits: ['node', 'exit.js'],
  endsWell: ['node', 'migrate.js'],
  /** Adds a column to its database, which has to be there when the other one serves. */
  migrates: ['node', 'change.js'],
  servesItsTable: ['node', 'table.js'],
  neverHealthy: ['node', 'cold.js'],
  ignoresSigterm: ['node', 'deaf.js'],
};
