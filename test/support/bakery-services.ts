/** Small services of every behaviour that the provider contract asks for, as files of one package. */
export const services = {
  'serve.js': `
    console.log('warm');
    require('http').createServer((q, s) => s.end('ok')).listen(process.env.PORT, process.env.HOST, () => console.log('open'));
    process.on('SIGTERM', () => process.exit(0));`,
  'exit.js': `console.error('out of flour'); process.exit(3);`,
  'migrate.js': `console.log('milled');`,
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
  neverHealthy: ['node', 'cold.js'],
  ignoresSigterm: ['node', 'deaf.js'],
};
